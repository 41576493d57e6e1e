"""Sending a reply, keeping a note, and having a reply suggested."""
