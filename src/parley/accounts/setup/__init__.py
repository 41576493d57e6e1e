"""The first owner, organization and project of a server: by its set-up page or `parley bootstrap`. Owns no table."""
