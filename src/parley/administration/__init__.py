"""What owners and admins do with a whole installation: background work, and the data of one person."""
