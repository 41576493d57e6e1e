"""Customer threads: what a visitor sees of their tickets, and what they write."""
