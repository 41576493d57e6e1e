"""The Slack channel, read."""
