"""Signing in with a company's own accounts by SAML 2.0 (OASIS saml-core, saml-bindings, saml-profiles).

Owns `saml_request` and `saml_assertion`. What a company has set stands in its domain, which `domains` writes.
"""
