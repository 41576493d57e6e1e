"""Messages that go out, read."""
