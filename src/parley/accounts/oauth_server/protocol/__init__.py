"""The OAuth protocol, by authlib (docs/decisions/0037)."""
