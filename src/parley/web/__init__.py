"""The shell of the pages: base template, form macros, static files. Owns no table."""
