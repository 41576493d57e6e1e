"""What a mail, a message or a file says of an insight or a dashboard: pictures, tables, and what they are about."""
