"""What is decided about persons without looking at the database."""
