"""LinkedIn Ads: how an account is connected, and what its advertising accounts are. Owns no tables."""
