"""Decisions about messages that go out: how a text is cut, what becomes of it, and when the brake holds it."""
