"""Members of an organization: joining, another level, leaving. The rows are those of `memberships`. Owns no table."""
