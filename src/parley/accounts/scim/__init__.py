"""SCIM 2.0: the identity provider of a company makes, changes and removes members and roles.

Each verified domain has one bearer token, which reaches the members of its organization and the people that came
through it, nobody else. Writes `scim_user`, `scim_group` and `scim_request`; members, users and roles are written by
their own features.
"""

PATH = "/scim/v2/{domain_id:str}"
