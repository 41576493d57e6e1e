"""Decisions of the Slack channel."""
