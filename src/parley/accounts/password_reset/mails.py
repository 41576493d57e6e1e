"""The mail with the link for a forgotten password."""

from uuid import UUID

from parley.accounts.users.queries import UserCredentials
from parley.kernel.network.mail import Mail, mail_with_link


def password_reset(site_url: str, user: UserCredentials, token: str, work_id: UUID) -> Mail:
    """The link with which a forgotten password is replaced."""
    return mail_with_link(
        user.email,
        "Reset your Parley password",
        [
            "Somebody, hopefully you, asked for a new password for your Parley account. Choose one here:",
            "The link works once, for an hour. A new password signs every browser out and ends your API keys. "
            "If it wasn't you, ignore this mail: your password stays as it is.",
        ],
        f"{site_url}/reset/{user.user_uuid}/{token}",
        work_id,
    )
