"""Members of an organization, as the API shows and changes them: they join, get another level and leave.

Owns no table: the row of a member is a membership, in `memberships` below. This feature calls it, `roles`
and `users`. The page of members is in `invitations`, which it shows, too.
"""
