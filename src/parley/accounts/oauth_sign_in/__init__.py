"""Signing in with Google, GitHub and GitLab (OAuth 2.0 and OpenID Connect).

Writes `oauth_request`: sign-ins that are under way. Who is let in is decided by `single_sign_on`.
"""
