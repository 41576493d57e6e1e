"""The pages on which subscriptions are listed, put together, tried out and looked back at. Owns no table."""
