"""What somebody has beside a password."""
