"""Parley as an OAuth 2.1 authorization server: programs such as MCP clients ask a person for access, with scopes.

Writes `oauth_application`, `oauth_grant` and `oauth_token`. `authentication` reads them to find who calls.
"""
