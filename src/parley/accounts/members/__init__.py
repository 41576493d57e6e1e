"""Members of an organization: they join, get another level and leave.

Owns no table: it calls `memberships`, `roles` and `users`. The page of members is in `invitations`, which it shows, too.
"""
