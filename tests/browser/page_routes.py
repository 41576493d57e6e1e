"""Every page that main serves, by how somebody comes to see it; a new one fails a test until it is in one of these."""

import re
from dataclasses import dataclass

from parley.main import collected_handlers

# Parts of pages, streams and ways through a provider.
NO_WHOLE_PAGES = {
    *(
        "/inbox/first-steps",
        "/inbox/members",
        "/inbox/rows",
        "/inbox/rows/more",
        "/inbox/search",
        "/inbox/stream",
        "/inbox/tags",
    ),
    *("/compose/insertion", "/compose/quick-actions"),
    *("/compose/recipients", "/events/latest", "/settings/outgoing/held", "/unsubscribe", "/oauth/authorize"),
    *("/login/github", "/login/gitlab", "/login/google-oauth2", "/login/two-factor", "/login/former-address"),
    *("/places", "/settings/widget-preview", "/player", "/demo", "/assets/{name:str}", "/favicon.ico"),
    *("/complete/github", "/complete/gitlab", "/complete/google-oauth2", "/embedded/{token:str}"),
    *("/dashboards/{dashboard_id:str}/sharing", "/insights/{insight_id:str}/sharing"),
    *("/recordings/{recording_id:str}/sharing", "/dashboards/{key:str}/tiles/{tile:str}"),
    *(f"/inbox/{{number:int}}/{part}" for part in ("details", "insertion", "merge", "messages", "notice")),
    *("/inbox/{number:int}/messages/{message_id:str}/mail", "/inbox/{number:int}/notes/{message_id:str}"),
    *("/inbox/{number:int}/presence", "/inbox/{number:int}/answered", "/inbox/{number:int}/quick-actions"),
    *("/integrations/{kind:str}/callback", "/settings/integrations/{kind:str}/authorize"),
    *("/journeys/{key:str}/funnel", "/journeys/{key:str}/people", "/journeys/standing/{person_id:str}"),
    *("/settings/domains/{domain_id:str}/saml/test", "/shared_dashboard/{token:str}"),
}
# These were put into the walk by hand: tests/browser/furnished.py says where they are. Links lead to all others.
WITHOUT_LINK = {
    *("/setup/{token:str}", "/signup/{token:str}", "/reset/{user_uuid:str}/{token:str}"),
    *("/email/unsubscribe/{token:str}", "/shared/{token:str}", "/demo/{api_token:str}"),
}
# These only some things of their kind have; tests/browser/furnished.py says which.
OF_SOME_THINGS = {
    "/inbox/{number:int}/test-mail",
    "/settings/email/{channel_id:str}/imap",
    "/settings/email/{channel_id:str}/write-as-customer",
}
OF_ONE_THING = {
    *(
        "/inbox/{number:int}",
        "/inbox/{number:int}/access",
        "/inbox/{number:int}/delete",
        "/persons/{person_id:str}",
        "/recordings/{recording_id:str}",
    ),
    *(
        "/dashboards/{key:str}",
        "/insights/{key:str}",
        "/journeys/{key:str}",
        "/subscriptions/{subscription_id:str}",
    ),
    *("/settings/articles/{article_id:str}", "/settings/quick-actions/{short_id:str}"),
    "/settings/roles/{role_id:uuid}",
    *("/settings/webhooks/{webhook_id:str}", "/settings/inbound/{inbound_id:str}"),
    "/settings/email/{channel_id:str}",
    *(f"/settings/domains/{{domain_id:str}}{part}" for part in ("", "/saml", "/scim")),
}
ROUTES = sorted(
    path
    for handler in collected_handlers()
    for path in handler.paths
    if "GET" in handler.http_methods and not handler.include_in_schema and ".pages" in handler.fn.__module__
)
PAGES = [path for path in ROUTES if "{" not in path and path not in NO_WHOLE_PAGES]
"""Pages that are there without anything having been made."""


@dataclass(frozen=True)
class PageOfOne:
    """A page with parameters, and what its addresses look like."""

    path: str

    @property
    def pattern(self) -> re.Pattern[str]:
        # A word such as `new` is a page of its own, so an address of a page without parameters never counts.
        return re.compile(
            re.sub(r"\{\w+:(\w+)\}", lambda kind: r"\d+" if kind[1] == "int" else "[^/?]+", self.path)
        )

    def is_at(self, address: str) -> bool:
        """Say whether an address, without its query, is one of this page."""
        return address not in PAGES and self.pattern.fullmatch(address) is not None


PAGES_OF_ONE = [PageOfOne(path) for path in sorted(OF_ONE_THING | OF_SOME_THINGS | WITHOUT_LINK)]


def pages_out_of_the_walk() -> list[str]:
    """Return routes of pages that nothing here names."""
    return sorted(set(ROUTES) - set(PAGES) - NO_WHOLE_PAGES - WITHOUT_LINK - OF_ONE_THING - OF_SOME_THINGS)
