"""Users: people with an account, by their e-mail address, and where they work now."""
