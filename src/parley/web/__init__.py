"""What all pages share: the base template, macros for forms, guards, static files, error pages. Owns no table."""
