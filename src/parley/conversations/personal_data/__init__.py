"""What conversations store about one person: read for an export, and erased."""
