"""What leaves the machine: the guarded HTTP client, mail; and the addresses on both ends."""
