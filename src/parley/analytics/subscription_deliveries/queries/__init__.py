"""What is read of deliveries."""
