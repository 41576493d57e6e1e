"""SQLite and PostgreSQL: connections, transactions, statements, migrations, and what to do when they fail."""
