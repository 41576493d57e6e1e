"""What Slack says of a user, as far as it is shown. It proves nothing."""

from parley.integrations.slack.schemas import SlackUser

MAX_NAME, MAX_EMAIL = 200, 254


def name_of(user: SlackUser | None, user_id: str) -> str:
    """Return what people in Slack call a user."""
    names = (user.profile.display_name, user.profile.real_name, user.name) if user else ()
    return next((name.strip()[:MAX_NAME] for name in names if name.strip()), f"Slack user {user_id}")


def email_of(user: SlackUser | None) -> str | None:
    """Return the address that a user has told Slack. It is shown to the team, and proves nothing."""
    found = user.profile.email.strip() if user else ""
    return found if "@" in found and len(found) <= MAX_EMAIL else None


def avatar_of(user: SlackUser | None) -> str | None:
    """Return the address of a user's picture."""
    found = user.profile.image_72 if user else ""
    return found if found.startswith("https://") and len(found) <= 1000 else None
