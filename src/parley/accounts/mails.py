"""The texts of the mails that accounts send."""

from html import escape
from uuid import UUID

from parley.accounts.queries.invites import Invite
from parley.accounts.queries.users import Credentials
from parley.kernel.network.mail import Mail, one_line


def _mail(to: str, subject: str, paragraphs: list[str], link: str, work_id: UUID) -> Mail:
    """A mail with a link on its own line; one work is one mail, however often it is tried."""
    before, after = paragraphs[0], paragraphs[1:]
    html = [f"<p>{escape(before)}</p>", f'<p><a href="{escape(link)}">{escape(link)}</a></p>']
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join([before, link, *after]) + "\n",
        html="".join([*html, *(f"<p>{escape(text)}</p>" for text in after)]),
        message_id=f"{work_id}@parley",
    )


def password_reset(site_url: str, user: Credentials, token: str, work_id: UUID) -> Mail:
    """The link with which a forgotten password is replaced."""
    return _mail(
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


def invitation(site_url: str, invite: Invite, token: str, work_id: UUID) -> Mail:
    """The link with which somebody joins an organization."""
    host = invite.created_by.first_name or invite.created_by.email if invite.created_by else "Somebody"
    host, place = one_line(host), one_line(invite.organization_name)
    return _mail(
        invite.target_email,
        f"You are invited to join {place} on Parley",
        [
            f"{host} invites you to join {place} on Parley. Accept here:",
            "The link works until it is used or a week has passed.",
        ],
        invite_link(site_url, token),
        work_id,
    )


def invite_link(site_url: str, token: str) -> str:
    """The page where an invitation is accepted."""
    return f"{site_url}/signup/{token}"
