"""Roles: named groups of an organization's members."""
