"""Actions of merging, one noun each."""
