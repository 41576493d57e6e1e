"""The pictures of `docs/images/`, made of those that the walk over all pages has kept."""

from pathlib import Path

from PIL import Image

DOCS = Path(__file__).parents[2] / "docs"
IMAGES = DOCS / "images"
SIZE_AND_THEME = "1280-light"
COLORS = 64
MOST_BYTES = 120_000

PICTURES = {
    "inbox": "/inbox/{number:int}",
    "demo-shop": "/demo/{api_token:str}",
    "support-reports": "/reports",
    "members": "/settings/members",
    "email-channel": "/settings/email",
    "articles": "/settings/articles",
    "quick-actions": "/settings/quick-actions",
    "events": "/events",
    "person": "/persons/{person_id:str}",
    "dashboard": "/dashboards/{key:str}",
    "insight": "/insights/{key:str}",
    "journey": "/journeys/{key:str}",
    "recording": "/recordings/{recording_id:str}",
    "webhook": "/settings/webhooks/{webhook_id:str}",
    "integrations": "/settings/integrations",
    "personal-data": "/settings/personal-data",
    "connected-apps": "/settings/applications",
}
"""Which page each shows, by the page's route."""


def picture_name(route: str) -> str:
    """Return how the pictures of a page begin."""
    words = [part if not part.startswith("{") else "one" for part in route.strip("/").split("/")]
    return "-".join(words) if route != "/" else "start"


def write_pictures(folder: Path) -> None:
    """Make the pictures of the documents anew, with few colors, so that the repository stays small."""
    IMAGES.mkdir(exist_ok=True)
    for name, route in PICTURES.items():
        with Image.open(folder / f"{picture_name(route)}-{SIZE_AND_THEME}.png") as kept:
            few = kept.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
        few.save(IMAGES / f"{name}.png", optimize=True)
