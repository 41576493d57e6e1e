"""What is decided about captured events without looking at the database."""
