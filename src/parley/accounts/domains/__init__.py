"""Domains that an organization claims and proves by a record in the DNS, and how people with addresses there sign in.

Writes `organization_domain`.
"""
