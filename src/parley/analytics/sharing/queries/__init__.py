"""Reading shares."""
