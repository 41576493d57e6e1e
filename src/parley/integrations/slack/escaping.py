"""Text for Slack in which nothing is markup but what is meant to be."""


def escaped(text: str) -> str:
    """Return a text in which Slack sees no mention, link or entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_link(url: str, text: str) -> str:
    """Return a link for Slack; the text is escaped already."""
    target = escaped(url).replace("|", "%7C")
    return f"<{target}|{text.replace('|', '¦')}>"
