"""Text messages are received, planned, sent and settled; numbers are connected."""
