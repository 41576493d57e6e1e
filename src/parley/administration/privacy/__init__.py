"""What is known of one person: given out whole, or forgotten. Other features own the data; this one finds and composes."""
