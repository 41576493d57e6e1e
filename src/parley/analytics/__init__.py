"""What visitors did on a site, as it was recorded."""
