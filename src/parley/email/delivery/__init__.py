"""Delivery: mails that are due are composed, signed and handed to the mail server, over some connections side by side."""
