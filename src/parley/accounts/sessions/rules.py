"""What a user agent is called."""

import re

PROGRAM = re.compile(r"[A-Za-z][\w.-]*(?: [A-Za-z][\w.-]*){0,4}(?=/|\s|$)")
"""The words by which a program that is no browser calls itself, in front of its version."""
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
"""The first sign that a user agent has decides: browsers name those that they are like behind their own name."""


def browser_of(user_agent: str) -> str:
    """Return what people call a browser, such as "Firefox on Linux". It only says what the browser says of itself."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if system:
        return f"{browser or 'A browser'} on {system}"
    program = PROGRAM.match(user_agent)
    return browser or (program[0].rstrip() if program else "An unknown program")
