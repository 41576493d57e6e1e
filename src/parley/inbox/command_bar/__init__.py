"""The pages that somebody may open, for the command bar of all pages."""
