"""What is read of subscriptions."""
