"""Who may work here, and where: users, organizations, projects, keys, and what each may do."""

API_TAG = "accounts"  # of all its features in the OpenAPI document that have none of their own
