"""Every change of events."""
