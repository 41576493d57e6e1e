"""Functions of SQL that the databases spell differently, and those that Python adds to SQLite."""
