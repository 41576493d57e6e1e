"""Making suggestions, and keeping the index of past answers."""
