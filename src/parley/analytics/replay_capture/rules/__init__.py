"""What a batch of a recorder may hold, and what it comes to."""
