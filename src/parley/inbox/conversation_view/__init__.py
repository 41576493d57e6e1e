"""A conversation: its messages, what became of them, and everything around them."""
