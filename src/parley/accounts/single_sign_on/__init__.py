"""Single sign-on: what SAML and OAuth share once a provider has proven who somebody is.

Writes `external_identity`. How a provider proves it is in `saml` and `oauth_sign_in`.
"""
