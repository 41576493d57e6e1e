"""Messages that go out are planned, sent and settled."""
