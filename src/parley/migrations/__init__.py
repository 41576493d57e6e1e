"""The history of the database, one line for the whole program (Alembic)."""
