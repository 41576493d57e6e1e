"""Which colleagues look at the same conversation at this moment, or write in it; nothing of it is stored."""
