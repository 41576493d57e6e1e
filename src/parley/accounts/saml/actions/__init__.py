"""Signing in by SAML: the request, and the answer to it."""
