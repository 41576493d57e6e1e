"""What servers share through Redis, or keep in the process where there is none: the cache and live notices."""
