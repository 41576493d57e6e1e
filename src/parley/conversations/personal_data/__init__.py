"""What conversations hold about one person, for export and for erasure."""
