"""One's own account: name, password, and the organization and project to work in. Owns no table."""
