"""What is read of people, roles and requests."""
