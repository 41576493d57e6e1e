"""What accounts may and must be: pure functions over plain values."""
