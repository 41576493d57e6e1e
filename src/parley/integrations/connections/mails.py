"""The mail to whoever has connected an account that works no more."""

from urllib.parse import urlsplit

from parley.integrations.connections.kinds import KINDS
from parley.integrations.connections.queries.due import FailedAccount
from parley.kernel.config.settings import Settings
from parley.kernel.network.mail import Mail, one_line


def failure_mail(failed: FailedAccount, to: str, settings: Settings, id: str) -> Mail:
    """Return the mail that says what does not work, and what to do; `id` makes the Message-ID."""
    title = KINDS[failed.kind].title if failed.kind in KINDS else failed.kind
    host = urlsplit(settings.site_url).hostname or "localhost"
    text = (
        f"The project {one_line(failed.project_name)} is connected to {one_line(failed.name)} at {title}. "
        f"{title} does not accept this connection any more, so nothing that needs it works.\n\n"
        f"Somebody may have withdrawn the permission at {title}, or it has ended. "
        f"Connect the account again here:\n\n{settings.site_url}/settings/integrations\n\n"
        "Nothing is lost: everything that uses the connection goes on once it works again. "
        "You get this mail once, however often it fails.\n"
    )
    return Mail(
        to=to,
        subject=f"Please connect {one_line(failed.name)} ({title}) again",
        text=text,
        message_id=f"integration.{id}@{host}",
    )
