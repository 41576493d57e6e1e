"""A sign-in from its begin to the session."""
