"""Changes of endpoints, and deliveries on their way."""
