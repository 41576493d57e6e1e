"""Migrations of the database: run one after the other in one transaction, after a backup, and mended when cut off."""
