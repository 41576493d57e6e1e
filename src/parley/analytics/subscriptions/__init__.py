"""Subscriptions: an insight or a dashboard, sent at fixed times by mail, to Slack, or to a URL. Owns them and their deliveries."""
