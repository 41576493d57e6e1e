"""Changes of files, one noun each."""
