"""What the form of a subscription offers and means, and what is said of subscriptions in words."""
