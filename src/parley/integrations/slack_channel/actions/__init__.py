"""Actions of the Slack channel, one noun each."""
