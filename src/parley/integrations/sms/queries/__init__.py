"""Text messages, read."""
