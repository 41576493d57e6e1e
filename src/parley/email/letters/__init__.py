"""Letters: what a mail of the team looks like, as text and HTML, with its headers (RFC 5322) and its signature (DKIM).

Nothing here knows the database or the mail server.
"""
