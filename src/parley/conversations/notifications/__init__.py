"""Notifications: mails to the team about new conversations."""
