"""What is read of tickets to be shown."""
