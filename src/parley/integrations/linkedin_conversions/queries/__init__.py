"""Rules and conversions, read."""
