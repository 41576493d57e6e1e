"""Announcing changes, and counting tickets."""
