"""Everything that reads the tables of accounts."""

from parley.accounts.queries.principals import KeyUse, principal_by_key_hash, principal_by_session_hash
from parley.accounts.queries.projects import (
    project_by_api_token,
    project_by_id,
    project_by_widget_token,
    secret_tokens,
)

__all__ = [
    "KeyUse",
    "principal_by_key_hash",
    "principal_by_session_hash",
    "project_by_api_token",
    "project_by_id",
    "project_by_widget_token",
    "secret_tokens",
]
