"""Signatures, events and markup."""

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier

from parley.integrations.slack.mrkdwn import (
    mrkdwn_of,
    plain_text,
    rich_content,
    without_mention,
)
from parley.integrations.slack.rules import is_slack_url, missing_scopes
from parley.integrations.slack.signatures import is_signed
from parley.integrations.slack.tests.slack_double import SCOPES, SECRET, event_body
from parley.integrations.slack_channel.rules.decisions import emoji_of, opens
from parley.integrations.slack_channel.rules.events import event_of

AT = 1_790_000_000
NOW = datetime.fromtimestamp(AT, UTC)


class Stopped(Clock):
    def now(self) -> float:
        return float(AT)


@given(body=st.text(max_size=200), age=st.integers(-400, 400))
def test_signatures_are_those_of_slacks_own_library(body, age):
    theirs = SignatureVerifier(SECRET, Stopped())
    timestamp = str(AT - age)
    raw = body.encode("utf-8", "surrogatepass") if body.isprintable() else body.encode("utf-8", "replace")
    signature = theirs.generate_signature(timestamp=timestamp, body=raw) or ""
    assert is_signed(raw, timestamp, signature, SECRET, NOW) is theirs.is_valid(raw, timestamp, signature)
    assert is_signed(raw, timestamp, signature, SECRET, NOW) is (abs(age) <= 300)
    assert not is_signed(raw + b" ", timestamp, signature, SECRET, NOW)
    assert not is_signed(raw, timestamp, signature, "another secret", NOW)
    assert not is_signed(raw, timestamp, signature, None, NOW)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "１７９００００００００", "9" * 30, "nan"])
@pytest.mark.parametrize("signature", ["", "v0=", "v0=é", "v1=00"])
def test_what_is_no_time_or_signature_is_refused_and_breaks_nothing(timestamp, signature):
    assert not is_signed(b"\xff", timestamp, signature, SECRET, NOW)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Hello &lt;b&gt; &amp; you", "Hello <b> & you"),
        ("<@U0DAN> and <@U0X|xena>, see <#C1|general>", "@Dan and @xena, see #general"),
        ("<!here> <!channel|x> <!subteam^S1|@devs>", "@here @channel @devs"),
        ("<https://example.com/a|the page>", "the page (https://example.com/a)"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("<mailto:ada@example.com|ada@example.com>", "ada@example.com"),
        ("a < b and <unclosed", "a < b and <unclosed"),
    ],
)
def test_slacks_markup_becomes_plain_text(text, plain):
    assert plain_text(text, {"U0DAN": "Dan"}) == plain


def test_styles_links_and_code_become_rich_content_and_come_back_the_same():
    text = "*Bold* and _it_, ~gone~ and `x &lt; y`\n\n```\ncode *here*\n```\n\n&gt; said\n\n<https://example.com/|here>"
    rich = rich_content(text, {}) or {}
    kinds = [one["type"] for one in rich["content"]]
    assert kinds == ["paragraph", "codeBlock", "blockquote", "paragraph"]
    assert rich["content"][0]["content"][0] == {"type": "text", "text": "Bold", "marks": [{"type": "bold"}]}
    assert mrkdwn_of("", rich).replace("> said", "&gt; said") == text
    assert rich_content("Nothing but words, 2 * 3 * 4 and snake_case_names", {}) is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**Yes** and *maybe*, ~~no~~, `x < **y**`", "*Yes* and _maybe_, ~no~, `x &lt; **y**`"),
        ("__Yes__ _maybe_ snake_case_names 2 * 3 * 4", "*Yes* _maybe_ snake_case_names 2 * 3 * 4"),
        ("***Both*** [a|b <c>](https://example.com/?a|b)", "_*Both*_ <https://example.com/?a%7Cb|a¦b &lt;c&gt;>"),
        ("[no](javascript:alert(1)) <!channel> <@U0DAN>", "[no](javascript:alert(1)) &lt;!channel&gt; &lt;@U0DAN&gt;"),
        ("# A heading\n- one\n  * **two**\n1. three", "*A heading*\n• one\n  • *two*\n1. three"),
        ("```python\n**x** = <y>\n```\n**z**", "```\n**x** = &lt;y&gt;\n```\n*z*"),
        ("**open\n\nand ** spaced **", "**open\n\nand ** spaced **"),
    ],
)  # fmt: skip
def test_markdown_that_is_typed_is_marked_as_slack_does(typed, shown):
    assert mrkdwn_of(typed, None) == shown


def test_a_heading_that_does_not_end_takes_no_longer_than_any_other_line():
    began = process_time()
    assert mrkdwn_of("# a" + " #" * 25_000 + "b", None).startswith("*a # #")
    assert process_time() - began < 3  # alone it takes no time; it used to take 16 s
    assert mrkdwn_of("## Rules ##\n# #", None) == "*Rules*\n# #"


def test_the_text_of_a_link_never_hides_where_it_leads():
    rich = rich_content("<https://evil.example/|https://bank.example/>", {}) or {}
    [paragraph] = rich["content"]
    assert paragraph["content"][0]["text"] == "https://evil.example/"
    assert rich_content("<javascript:alert(1)|click>", {}) is None


@given(st.text(max_size=300))
def test_no_answer_mentions_a_channel_or_makes_a_link_that_nobody_wrote(text):
    shown = mrkdwn_of(text, None)
    assert "<" not in shown and ">" not in shown
    rich = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}
    assert "<" not in mrkdwn_of(text, rich)


@given(st.text(alphabet="*_~`<>|&@#!U0 \na", max_size=200))
def test_markup_of_any_form_is_read(text):
    plain_text(text, {})
    rich = rich_content(text, {})
    assert rich is None or rich["content"]


def test_mentions_of_the_app_are_no_part_of_what_is_said():
    assert without_mention("<@U0BOT> <@U0BOT|parley> help <@U0DAN>", "U0BOT") == "help <@U0DAN>"


def _message(**fields):
    whole = {"type": "message", "channel": "C1", "user": "U1", "text": "Hi", "ts": "1.1", **fields}
    return event_of(event_body(whole))


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"}, {"app_id": "A1"}, {"subtype": "channel_join"}, {"subtype": "bot_message"}, {"user": None},
        {"user": "<b>"}, {"channel": "D1"}, {"channel": "../x"}, {"ts": "x"}, {"ts": 5}, {"channel": {"id": "C1"}},
    ],
)  # fmt: skip
def test_words_of_bots_and_what_is_no_message_are_nothing(fields):
    assert _message(**fields) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inside: (
            st.lists(inside, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "event",
                        "item",
                        "message",
                        "ts",
                        "channel",
                        "user",
                        "files",
                        "event_id",
                        "team_id",
                    ]
                ),
                inside,
                max_size=6,
            )
        ),
        max_leaves=15,
    )
)
def test_events_of_any_form_are_read(value):
    body = value if isinstance(value, dict) else {"event": value}
    event_of({"team_id": "T1", "event_id": "E1", "type": "event_callback", **body})


SETTINGS = {"slack_channel_id": "C1"}


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        (_message(), "slack_channel_message"),
        (_message(channel="C2"), None),
        (_message(thread_ts="0.9"), None),
        (_message(thread_ts="1.1"), "slack_channel_message"),
        (_message(type="app_mention", channel="C2"), "slack_bot_mention"),
        (_message(user="U9BOT"), None),
    ],
)
def test_which_messages_open_tickets(event, detail):
    assert opens(event, SETTINGS, "U9BOT") == detail


@pytest.mark.parametrize(
    ("stored", "added", "counts"),
    [(None, "ticket", True), (":Eyes:", "eyes", True), ("eyes", "ticket", False), ("+1", "+1::skin-tone-3", True)],
)  # fmt: skip
def test_the_emoji_of_the_project_opens_tickets(stored, added, counts):
    item = {"type": "message", "channel": "C1", "ts": "1.1"}
    event = event_of(event_body({"type": "reaction_added", "user": "U1", "reaction": added, "item": item}))
    settings = {"slack_ticket_emoji": stored}
    assert event is not None
    assert (opens(event, settings, "U9") == "slack_emoji_reaction") is counts
    assert emoji_of({"slack_ticket_emoji": " :: "}) == "ticket"


@pytest.mark.parametrize(
    ("url", "is_slacks"),
    [
        ("https://files.slack.com/files-pri/T1-F1/a.png", True),
        ("https://acme.enterprise.slack.com/files/a", True),
        ("http://files.slack.com/a", False),
        ("https://files.slack.com:8443/a", False),
        ("https://files.slack.com.evil.example/a", False),
        ("https://evilslack.com/a", False),
        ("https://slack.com@evil.example/a", False),
        ("https://evil.example/?https://files.slack.com", False),
        ("https://[files.slack.com]/a", False),
        ("https://slack.com:99999/a", False),
    ],
)
def test_the_token_goes_to_slacks_hosts_only(url, is_slacks):
    assert is_slack_url(url, "https://slack.com") is is_slacks


def test_missing_scopes_are_named():
    assert missing_scopes(",".join(SCOPES)) == []
    assert missing_scopes("chat:write, users:read")[0] == "app_mentions:read"
