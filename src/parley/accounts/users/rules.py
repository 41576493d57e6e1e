"""What a user is called."""


def full_name(first_name: str | None, last_name: str | None) -> str:
    """Return first and last name; empty for somebody who has given neither."""
    return f"{first_name or ''} {last_name or ''}".strip()


def user_name(first_name: str | None, last_name: str | None, email: str) -> str:
    """Return what everybody else calls a user: their name, or the address of somebody who has given none."""
    return full_name(first_name, last_name) or email
