"""Rules of merging, one noun each."""
