"""Taking what recorders send: checked, stored as objects, and added to the recordings. Owns no table."""
