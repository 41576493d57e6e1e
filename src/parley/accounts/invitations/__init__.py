"""Invitations into an organization, and how somebody joins by one."""
