"""Which automatic mails are answers: nobody has written them, and they say nothing but that a mail has arrived."""

AUTO_REPLIES = frozenset(("auto-replied", "auto_replied", "auto_reply", "vacation"))


def is_auto_reply(automatic: str | None) -> bool:
    """Say whether the reason for which a mail counts as automatic (RFC 3834) makes it an answer."""
    return automatic in AUTO_REPLIES
