"""Rules of ticket list, one noun each."""
