"""Who may do what with the tickets of a project: levels for everybody, for roles, for one member, and for one ticket."""

API_TAG = "access_levels"  # in the OpenAPI document
