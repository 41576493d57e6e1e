"""Invitations into an organization: their mail, the page of members and invitations, and how somebody joins by one.

Writes `invite`.
"""
