"""What Slack is as an integration."""

from parley.integrations.connections.kinds import IntegrationKind, OAuthApp, OAuthProvider
from parley.integrations.slack.actions import check_workspace, connect_by_token
from parley.integrations.slack.queries import KIND_NAME
from parley.integrations.slack.rules import SCOPES, account_of, display_name
from parley.kernel.config.settings import Settings


def _app(settings: Settings) -> OAuthApp | None:
    if not settings.slack_client_id or not settings.slack_client_secret:
        return None
    return OAuthApp(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        authorize_url=f"{settings.slack_api_url}/oauth/v2/authorize",
        token_url=f"{settings.slack_api_url}/api/oauth.v2.access",
    )


KIND = IntegrationKind(
    name=KIND_NAME,
    title="Slack",
    description="Customers write in a channel and get answers in its threads, and the team is told of conversations.",
    oauth=OAuthProvider(
        app=_app,
        variables=("PARLEY_SLACK_CLIENT_ID", "PARLEY_SLACK_CLIENT_SECRET"),
        scope=",".join(SCOPES),
        account_of=account_of,
    ),
    connect=connect_by_token,
    check=check_workspace,
    display_name=display_name,
    connect_template="slack/_token.html",
    docs="slack.md",
)
