"""The mail with the link of an invitation."""

from uuid import UUID

from parley.accounts.invitations.queries import Invite
from parley.kernel.network.mail import Mail, mail_with_link, one_line


def invitation(site_url: str, invite: Invite, token: str, work_id: UUID) -> Mail:
    """The link with which somebody joins an organization."""
    host = invite.created_by.name if invite.created_by else "Somebody"
    host, place = one_line(host), one_line(invite.organization_name)
    return mail_with_link(
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
