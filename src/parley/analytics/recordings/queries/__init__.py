"""Every SELECT of recordings."""
