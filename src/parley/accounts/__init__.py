"""Organizations, projects, users, memberships, roles, keys, invites and sign-in.

Owns every table of `tables.py`. Other features read projects and users; they change them through `actions`.
"""

API_TAG = "accounts"  # in the OpenAPI document
