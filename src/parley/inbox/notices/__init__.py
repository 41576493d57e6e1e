"""What a browser tells its user of while they look at something else: a new message of a customer. No tables."""
