"""Actions of threads, one noun each."""
