"""What is decided about tickets without looking at the database or the clock."""
