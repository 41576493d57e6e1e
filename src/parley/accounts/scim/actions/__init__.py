"""What identity providers change."""
