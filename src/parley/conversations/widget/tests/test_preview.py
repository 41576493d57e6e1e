"""The preview of the widget beside its settings."""

import json
import re
from typing import Any

from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of

PREVIEW = "/settings/widget-preview"


async def told_in(window: PlainBrowser, query: str = "") -> dict[str, Any]:
    """Return what the widget of the preview is told."""
    await window.open(PREVIEW + query)
    assert window.status == 200
    found = re.search(r"config: (\{.*\}), siteApps", window.answer.text)
    assert found is not None
    told: dict[str, Any] = json.loads(found[1])["conversations"]
    return told


async def test_it_shows_what_is_stored_wherever_the_widget_may_be(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    await window.press(
        "Save",
        widget_greeting_text="Ahoy",
        widget_require_email="on",
        widget_enabled=[],
        widget_domains="a.test",
    )
    told = await told_in(window)
    assert (told["greetingText"], told["requireEmail"]) == ("Ahoy", True)
    assert (told["widgetEnabled"], told["domains"]) == (True, [])


async def test_it_shows_the_form_as_it_is_filled_in(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings")
    query = "?is_draft=1&widget_greeting_text=%3C/script%3E&widget_color=%23aa3300&widget_collect_name=on"
    told = await told_in(window, query + "&widget_position=top_left&widget_identification_form_title=Hi")
    assert (told["greetingText"], told["color"], told["widgetPosition"]) == (
        "</script>",
        "#aa3300",
        "top_left",
    )
    assert (told["collectName"], told["requireEmail"], told["identificationFormTitle"]) == (True, False, "Hi")
    assert window.answer.text.count("</script>") == 3


async def test_what_is_half_written_looks_as_if_it_was_empty(cast: Cast):
    window = await window_of(cast, cast.alice)
    told = await told_in(window, "?is_draft=1&widget_color=red&widget_position=middle&widget_greeting_text=")
    assert (told["color"], told["widgetPosition"]) == ("#1d4aff", "bottom_right")
    assert told["greetingText"] == "Hey, how can I help you today?"


async def test_it_can_send_nothing_and_is_framed_by_us_alone(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open(PREVIEW)
    policy = window.answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "connect-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert window.answer.headers["x-frame-options"] == "SAMEORIGIN"
    for secret in (cast.project.api_token, cast.project.widget_token, cast.project.secret_api_token):
        assert secret not in window.answer.text
    await window.open("/settings")
    assert "frame-src 'self'" in window.answer.headers["content-security-policy"]
    assert window.page.one("iframe")["src"] == PREVIEW


async def test_it_is_for_people_who_are_signed_in(anonymous):
    answer = await anonymous.get(PREVIEW, headers={"Accept": "text/html"})
    assert answer.status_code == 303
