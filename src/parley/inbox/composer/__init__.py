"""The form to write in: a reply or a private note."""
