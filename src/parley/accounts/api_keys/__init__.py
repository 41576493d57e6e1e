"""Personal API keys: what they may do, which organizations they cover, and when they were used."""
