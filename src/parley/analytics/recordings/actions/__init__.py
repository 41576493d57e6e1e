"""Every change of recordings."""
