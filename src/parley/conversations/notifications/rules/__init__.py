"""Rules of notifications, one noun each."""
