"""Mails with pictures: what a reader gets, with pictures and without."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from parley.analytics.charts.errors import ChartNotDrawn
from parley.analytics.charts.tests.samples import SAMPLES, days
from parley.analytics.insights.kinds import ANSWERS
from parley.analytics.insights.tests.test_running import Counted
from parley.analytics.reports.actions import attaching, composing
from parley.analytics.subscription_deliveries.letters import KIND
from parley.analytics.subscription_deliveries.tests.conftest import DUE
from parley.analytics.subscription_deliveries.tests.test_deliveries import TABLE, reports
from parley.analytics.subscriptions.tests.subscribing import make_dashboard, make_insight, subscribe
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.storage.keys import object_key
from tests.receiver import answers, hang_up

PNG = b"\x89PNG\r\n\x1a\n"
PROJECT = "/api/projects/@current/"


def question(name: str) -> dict[str, Any]:
    """Return a query whose answer is the sample of this name."""
    source = {**SAMPLES[name][0]["source"], "series": [{"kind": "EventsNode", "custom_name": name}]}
    return {"kind": "InsightVizNode", "source": source}


@pytest.fixture(autouse=True)
def samples(monkeypatch):
    async def answer(services, asked, now):
        return Counted(SAMPLES[asked.query.series[0].custom_name][1])

    monkeypatch.setitem(ANSWERS, "TrendsQuery", answer)


@pytest.fixture
async def dashboard(alice):
    """A dashboard with eight insights and a filter."""
    made = await make_dashboard(alice, filters={"properties": [{"key": "plan", "value": ["pro"]}]})
    for name in ("line", "bars", "ring", "number", "hostile lines", "empty", "area", "compared"):
        await make_insight(alice, name=name.title(), query=question(name), dashboards=[made])
    return made


def parts_of(mail, kind):
    return [part for part in mail.walk() if part.get_content_type() == kind]


async def test_a_weekly_mail_has_pictures_tables_filters_and_files(alice, deliveries, sent_mail, dashboard):
    await subscribe(
        alice, dashboard=dashboard, frequency="weekly", byweekday=["saturday"], attachments=["csv", "pdf"]
    )
    await deliveries.go_out()
    await deliveries.go_out(DUE + timedelta(days=6))
    [mail] = reports(sent_mail)
    assert mail["Subject"] == "Parley Dashboard report - Support"
    html = mail.get_body(("related", "html")).get_body(("html",)).get_content()
    text = mail.get_body(("plain",)).get_content()
    pictures = parts_of(mail, "image/png")
    assert len(pictures) == 6 and all(one.get_content().startswith(PNG) for one in pictures)
    assert all(f'src="cid:{one["Content-ID"][1:-1]}"' in html for one in pictures)
    assert all(one.get_content_disposition() == "inline" for one in pictures)
    for part in (html, text):
        assert "Showing 6 of 8 insights." in part and "Filters: plan is pro" in part
        assert "No events in these 7 days" in part and "22 Nov 2026" in part and "utm_medium=email" in part
    assert html.count(' alt="') == 6 and ' alt=""' not in html
    files = list(mail.iter_attachments())
    names = [one.get_filename() for one in files if one.get_content_disposition() == "attachment"]
    assert names == [
        "Support.pdf",
        "Line.csv",
        "Bars.csv",
        "Ring.csv",
        "Number.csv",
        "Hostile-Lines.csv",
        "Empty.csv",
    ]
    pdf = PdfReader(io.BytesIO(files[0].get_content()))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert len(pdf.pages) == 3 and pdf.metadata and pdf.metadata.title == "Support"
    assert "Showing 6 of 8 insights." in words and "Filters: plan is pro" in words and "12,894" in words
    assert days(1)[0][:4] in next(one for one in files if one.get_filename() == "Line.csv").get_content()
    assert len(bytes(mail)) < 700_000
    await deliveries.go_out(DUE + timedelta(days=7))
    assert len(reports(sent_mail)) == 2


async def test_a_mail_is_ten_megabytes_at_most(alice, deliveries, sent_mail, dashboard, monkeypatch):
    async def large(services, spec, scale):
        return PNG + b"\0" * 1_200_000

    monkeypatch.setattr(composing, "letter_picture", large)
    monkeypatch.setattr(attaching, "MOST_FILE_BYTES", 600)
    await subscribe(alice, dashboard=dashboard, dashboard_export_all=True, attachments=["csv"])
    await deliveries.go_out()
    [mail] = reports(sent_mail)
    assert len(parts_of(mail, "image/png")) == 3 and len(bytes(mail)) < 7_000_000
    html = mail.get_body(("related", "html")).get_body(("html",)).get_content()
    assert html.count("The picture was left out") == 5
    assert "Left out, since the mail would be too large: Bars.csv" in html


async def test_without_a_picture_the_numbers_come_all_the_same(alice, deliveries, sent_mail, monkeypatch):
    async def fails(services, spec, scale):
        raise ChartNotDrawn("crashed")

    monkeypatch.setattr(composing, "letter_picture", fails)
    insight = await make_insight(alice, query=question("line"))
    await subscribe(alice, insight=insight)
    await deliveries.go_out()
    [mail] = reports(sent_mail)
    html = mail.get_body(("html",)).get_content()
    assert "The picture could not be drawn." in html and "22 Nov 2026" in html and "<img" not in html


async def test_an_erasure_deletes_what_was_sent_and_makes_anew_what_is_to_go_out(
    alice, deliveries, services, queue, clock, receiver, sent_mail
):
    sent = await subscribe(alice, insight=await make_insight(alice, query=TABLE))
    event = {"api_key": alice.project.api_token, "event": "seen", "distinct_id": "zoe-4711"}
    clock.freeze(DUE - timedelta(hours=1))
    assert (await alice.client.post("/capture", json=event)).status_code == 200
    await deliveries.go_out()
    assert "zoe-4711" in reports(sent_mail)[0].get_body(("plain",)).get_content()
    waits = await subscribe(
        alice,
        insight=await make_insight(alice, query=TABLE),
        target_type="webhook",
        target_value=receiver.url,
    )
    receiver.respond = hang_up
    await deliveries.go_out(DUE + timedelta(days=1))
    assert b"zoe-4711" in receiver.received[-1].body
    answer = await alice.client.delete(f"{PROJECT}personal_data/", params={"distinct_id": "zoe-4711"})
    assert answer.status_code == 200, answer.text
    await queue.drain()
    for one in await deliveries.of(sent):
        with pytest.raises(NoSuchObject):
            await services.storage.open(object_key(alice.project_id, KIND, UUID(one["id"])))
    receiver.respond = answers(204)
    clock.advance(timedelta(seconds=6))
    await queue.drain()
    assert b"zoe-4711" not in receiver.received[-1].body
    assert [one["status"] for one in await deliveries.of(waits)] == ["completed"]


def path_of(url: str) -> str:
    assert url.startswith("http") and url.endswith(".png")
    return "/" + url.split("/", 3)[3]


async def test_a_url_gets_addresses_of_pictures_that_end_with_what_was_sent(
    alice, anonymous, deliveries, receiver, clock, dashboard
):
    await subscribe(alice, dashboard=dashboard, target_type="webhook", target_value=receiver.url)
    await deliveries.go_out()
    first, second, *_ = receiver.received[0].json()["data"]["image_urls"]
    shown = await anonymous.get(path := path_of(first))
    assert shown.status_code == 200 and shown.content.startswith(PNG)
    assert shown.headers["content-type"] == "image/png"
    assert shown.content != (await anonymous.get(path_of(second))).content
    for other in (path.replace("e", "f", 1), path[:-6] + ".png", "/report_pictures/x.png"):
        assert (await anonymous.get(other)).status_code == 404
    settings = {"allow_publicly_shared_resources": False}
    assert (await alice.client.patch("/api/organizations/@current/", json=settings)).status_code == 200
    assert (await anonymous.get(path)).status_code == 404
    await deliveries.go_out(DUE + timedelta(days=1))
    assert receiver.received[1].json()["data"]["image_urls"] == []
    await alice.client.patch("/api/organizations/@current/", json={"allow_publicly_shared_resources": True})
    assert (await anonymous.get(path)).status_code == 200
    clock.freeze(DUE + timedelta(days=31))
    assert (await anonymous.get(path)).status_code == 404


async def test_slack_shows_pictures_unless_it_refuses_them(
    alice, deliveries, receiver, queue, clock, dashboard
):
    await subscribe(alice, dashboard=dashboard, target_type="slack", target_value=receiver.url)
    await queue.drain()
    receiver.respond = answers(400)
    await deliveries.go_out()
    receiver.respond = answers(200)
    clock.freeze(DUE + timedelta(minutes=1))
    await queue.drain()
    refused, taken = (one.json()["blocks"] for one in receiver.received[1:])
    names = [one["alt_text"] for one in refused if one["type"] == "image"]
    assert names[:2] == ["Line", "Bars"] and all(one["image_url"].startswith("http") for one in refused[1:])
    assert [one["type"] for one in taken] == ["section"]
