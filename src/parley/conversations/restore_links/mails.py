"""The mail with the link to lost conversations."""

from urllib.parse import urlsplit
from uuid import UUID

from parley.kernel.network.mail import Mail, mail_with_link, one_line


def restore_mail(to: str, project_name: str, link: str, work_id: UUID) -> Mail:
    """Return the mail to a visitor; nothing in it but the link's path and query was chosen by whoever asked for it."""
    name, host = one_line(project_name), urlsplit(link).hostname
    return mail_with_link(
        to,
        f"Your conversations with {name}",
        [
            f"Somebody, hopefully you, asked on {host} to see your earlier conversations with {name} again. "
            "This link brings them back into the browser in which you open it:",
            "It works once, for an hour. Don't pass it on: whoever opens it can read and continue the conversations. "
            "If it wasn't you, ignore this mail: nothing changes.",
        ],
        link,
        work_id,
        "See my conversations",
    )
