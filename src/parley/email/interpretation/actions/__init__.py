"""A mail is interpreted, decided about, and placed on a ticket."""
