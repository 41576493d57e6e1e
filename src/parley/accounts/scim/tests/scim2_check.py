"""scim2-tester over httpx. Importing it takes seconds, so only the test that uses it does."""

from collections.abc import Sequence
from typing import Any

import httpx
from scim2_client import BaseSyncSCIMClient
from scim2_models import ScimProvider
from scim2_tester import Status, check_server

from parley.accounts.scim.tests.conftest import Provider

__all__ = ["Status", "checked"]
ADDRESSES = 2000
"""From so many addresses of the domain the tester chooses at random; by itself it would take foreign domains."""


class ScimClient(BaseSyncSCIMClient):
    """The tester's client over httpx; the engine that it comes with wants another library."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self._http = http

    def request(self, method: str, url: str, **given: Any) -> Any:
        return self._http.request(method, url, **given)

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return True


def checked(port: int, acme: Provider) -> Sequence[Any]:
    """Run every check that the tester has, against what the endpoint says of itself."""
    headers = {"Authorization": f"Bearer {acme.token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}{acme.base}", headers=headers) as http:
        client = ScimClient(http)
        client.discover()
        _use_addresses(client.provider, acme.domain)
        return check_server(client)


def _use_addresses(provider: ScimProvider, domain: str) -> None:
    [user] = [one for one in provider.models if one.__name__ == "User"]
    email: Any = user.get_field_root_type("emails")
    email.model_fields["value"].examples = [f"person{n}@{domain}" for n in range(ADDRESSES)]
