"""Decisions about insights: what they are called, what a list is narrowed to, when an answer is old."""
