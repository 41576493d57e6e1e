"""What changes deliveries."""
