"""Roles: named groups of an organization's members, to whom tickets are assigned and access levels given.

Writes `role` and `role_membership`.
"""
