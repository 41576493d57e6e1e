"""What may be asked of recordings, and what is said of them."""
