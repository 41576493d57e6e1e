"""From a key or a session to the caller, and from there into an organization or a project. Owns no table."""
