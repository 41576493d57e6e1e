"""Statements of trends, and what becomes of their rows."""
