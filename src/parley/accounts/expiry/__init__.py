"""The removal of sessions, links and invitations that have expired. Owns no table."""
