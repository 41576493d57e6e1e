"""The mails about changes of how somebody signs in."""

from uuid import UUID

from parley.kernel.network.mail import Mail, mail_with_link

NOTICES = {
    "enabled": ("Two-factor sign-in is on", "Two-factor sign-in was turned on for your Parley account."),
    "disabled": ("Two-factor sign-in is off", "Two-factor sign-in was turned off for your Parley account."),
    "code_used": (
        "A recovery code was used",
        "Somebody signed in to your Parley account with a recovery code.",
    ),
    "passkey_added": ("A passkey was added", "A passkey was added to your Parley account."),
    "passkey_deleted": ("A passkey was deleted", "A passkey of your Parley account was deleted."),
}


def security_notice(site_url: str, email: str, what: str, work_id: UUID) -> Mail:
    """Tell somebody what has changed."""
    subject, sentence = NOTICES[what]
    return mail_with_link(
        email,
        f"{subject} for your Parley account",
        [
            f"{sentence} What your account has, and who is signed in, is here:",
            "If it wasn't you, change your password and sign every other browser out.",
        ],
        f"{site_url}/settings/security",
        work_id,
    )
