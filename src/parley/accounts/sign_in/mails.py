"""The mail about an owner who got in without single sign-on."""

from uuid import UUID

from parley.kernel.network.mail import Mail, mail_with_link, one_line


def break_glass(site_url: str, to: str, who: str, work_id: UUID) -> Mail:
    """Tell an owner that somebody has signed in by a recovery code."""
    return mail_with_link(
        to,
        "An owner signed in to Parley with a recovery code",
        [
            f"{one_line(who)} signed in to your organization on Parley with a password and a recovery code, without single "
            "sign-on. Owners do so when single sign-on is broken. The audit log shows from where:",
            f"If nobody of you has done that, change the password of {one_line(who)}, make new recovery codes, and sign "
            "every other browser out.",
        ],
        f"{site_url}/settings/audit-log",
        work_id,
    )
