"""Actions of messages, one noun each."""
