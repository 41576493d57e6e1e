"""Reports of subscriptions in channels of a connected Slack workspace. Owns no table."""
