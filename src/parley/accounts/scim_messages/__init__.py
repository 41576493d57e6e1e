"""Messages of SCIM 2.0 (RFC 7643, RFC 7644): how requests of identity providers are read, and resources are shown.

Owns no table. The grammar of filters and paths, and the schemas, are those of scim2-models, which is imported by the
first request. What is done with the messages is in `scim`.
"""

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
