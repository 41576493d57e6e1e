"""What is read of programs and their access."""
