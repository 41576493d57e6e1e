"""What the endpoint says of itself: the three discovery documents (RFC 7643, sections 5 to 7; RFC 7644, section 4).

They are those of scim2-models, cut to what is kept here, and made once, when the first identity provider asks.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from parley.accounts.scim_messages import GROUP_SCHEMA, USER_SCHEMA

MAX_RESULTS = 200
SCHEMA_OF_CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
SCHEMA_OF_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
READ_ONLY = {"mutability": "readOnly"}
REQUIRED = {"required": True}
USER_KEPT: Mapping[str, Any] = {
    "userName": {},
    "name": {**REQUIRED, "subAttributes": {"givenName": REQUIRED, "familyName": REQUIRED}},
    "displayName": READ_ONLY,
    "emails": {**REQUIRED, "subAttributes": {"value": REQUIRED, "type": {}, "primary": {}}},
    "active": {},
    "groups": {"subAttributes": {"value": {}, "$ref": {}, "display": {}}},
}
"""The attributes of people that are kept, with what is stricter here than in the RFC."""
GROUP_KEPT: Mapping[str, Any] = {
    "displayName": {"caseExact": True, "uniqueness": "server"},
    "members": {
        "subAttributes": {
            "value": {},
            "$ref": {"referenceTypes": ["User"]},
            "type": {"canonicalValues": ["User"]},
        }
    },
}
"""The same for groups."""


@cache
def schemas() -> Sequence[dict[str, Any]]:
    """Return every schema that an answer may have."""
    from scim2_models import Group, ResourceType, Schema, ServiceProviderConfig, User

    user, group, *others = (
        _dumped(model.to_schema()) for model in (User, Group, ResourceType, ServiceProviderConfig, Schema)
    )
    user["attributes"] = _kept(user["attributes"], USER_KEPT)
    group["attributes"] = _kept(group["attributes"], GROUP_KEPT)
    return (user, group, *others)


def _dumped(resource: Any) -> dict[str, Any]:
    from scim2_models import Context

    found: dict[str, Any] = resource.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return found


def _kept(attributes: Sequence[dict[str, Any]], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for one in attributes:
        if one["name"] in wanted:
            changed = {**one, **wanted[one["name"]]}
            if "subAttributes" in changed:
                changed["subAttributes"] = _kept(one["subAttributes"], changed["subAttributes"])
            found.append(changed)
    return found


def resource_types(base: str) -> Sequence[dict[str, Any]]:
    """Return the two kinds of resources; `base` is the path of the domain's endpoint."""
    kinds = (("User", "Users", USER_SCHEMA), ("Group", "Groups", GROUP_SCHEMA))
    return [
        {
            "schemas": [SCHEMA_OF_TYPE],
            "id": name,
            "name": name,
            "endpoint": f"/{endpoint}",
            "description": f"{name}s of the organization",
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, endpoint, schema in kinds
    ]


def service_provider_config(base: str) -> dict[str, Any]:
    """Return what the endpoint can do; `base` is the path of the domain's endpoint."""
    return {
        "schemas": [SCHEMA_OF_CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MAX_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": False},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "The token of the domain, shown once on its page in Parley.",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }
