"""The mail of a dashboard with 20 charts: from the request until the mail server has it, and what 100 such mails cost."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import msgspec
from sqlalchemy import func, select, update

from benchmarks.processes import cpu_seconds, own_set_mib, proportional_set_mib
from benchmarks.programs import mail_sink, parley
from benchmarks.world import World, make_world
from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.reports.actions.composing import report_of
from parley.analytics.reports.schemas import Report, ReportAbout, ReportForm
from parley.analytics.subscription_deliveries.tables import subscription_delivery
from parley.analytics.subscriptions.tables import subscription
from parley.kernel.config.settings import Settings
from parley.kernel.database.database import Database
from parley.kernel.jobs import job_schedule
from parley.kernel.recent import RecentBytes
from parley.kernel.services import Services, open_services

TILES, ROUNDS, LETTERS, WAIT_S, LOOK_S = 20, 5, 100, 120.0, 0.02
PERSONS, DAYS = 300, 14
STEPS = ("visited", "signed up", "paid")
FORMS: tuple[dict[str, Any], ...] = (
    {},
    {"breakdownFilter": {"breakdown": "country"}},
    {"funnelsFilter": {"funnelVizType": "trends"}},
    {"funnelsFilter": {"funnelVizType": "time_to_convert"}},
)
"""Each is another kind of picture: bars, bars by country, lines, and a distribution."""


class Reported(msgspec.Struct, frozen=True):
    """Seconds and MiB. `first_s` is without a drawing process, `mail_s` the median of those after it; all have new answers.

    `report_s` is the making of a report alone, `drawn_s` how much of that goes into its pictures. Memory is that of the
    server without its drawing processes, and `drawers_mib` that of these, before and after LETTERS mails.
    """

    first_s: float
    mail_s: float
    report_s: float
    drawn_s: float
    n_bytes: int
    cpu_s: float
    before_mib: float
    after_mib: float
    drawers_mib: float

    def figures(self) -> dict[str, float]:
        return {"mail.s": self.mail_s, "first.s": self.first_s, "letter_cpu.s": self.cpu_s}


def measure_reports(folder: Path) -> Reported:
    """Run Parley on SQLite with a dashboard for each mail of other dates, and ask for deliveries of all of their tiles."""
    folder.mkdir(parents=True)
    world = make_world(folder, f"sqlite:///{folder}/parley.sqlite3", 1, agents=0)
    with (
        mail_sink(folder) as sink,
        parley(folder, settings={"PARLEY_SMTP_URL": sink}) as own,
        httpx.Client(base_url=own.address, headers=world.headers, timeout=60) as client,
    ):
        _capture(client, world)
        dashboards, pid = _dashboards(client, world), own.process.pid
        first, *mails = [_delivered_s(client, _subscription(client, world, one)) for one in dashboards]
        before, used = own_set_mib(pid), cpu_seconds(pid)
        for n in range(LETTERS):
            _subscription(client, world, dashboards[n % len(dashboards)])
        asyncio.run(_deliver_all(world))
        used, after = cpu_seconds(pid) - used, own_set_mib(pid)
        drawers = proportional_set_mib(pid) - after
    made, bare, report = asyncio.run(_reports(folder, world, dashboards[0]))
    size = sum(len(one.content) for one in report.pictures) + len(report.html) + len(report.text)
    return Reported(
        first, median(mails), made, made - bare, size, used / LETTERS, before, after, max(0.0, drawers)
    )


async def _deliver_all(world: World) -> None:
    """Let all subscriptions be due, and wait until so many deliveries are done."""
    database = Database.open(world.database_url)
    began = datetime.now(UTC)
    try:
        async with database.transaction() as db:
            due = began.replace(second=0, microsecond=0)
            await db.execute(update(subscription).values(next_delivery_date=due))
            mine = job_schedule.c.name == "subscription_deliveries.look_for_due"
            await db.execute(update(job_schedule).where(mine).values(due_at=began))
        async with asyncio.timeout(WAIT_S * 10):
            while await _n_done(database, began) < LETTERS:
                await asyncio.sleep(1)
    finally:
        await database.close()


async def _n_done(database: Database, since: datetime) -> int:
    c = subscription_delivery.c
    async with database.transaction(write=False) as db:
        found = select(func.count()).where(c.status == "completed", c.created_at >= since)
        return int((await db.execute(found)).scalar_one())


def _capture(client: httpx.Client, world: World) -> None:
    batch = [
        {
            "event": event,
            "distinct_id": f"p{n}",
            "timestamp": f"2026-11-{1 + n % DAYS:02}T{8 + step:02}:{n % 60:02}:00Z",
            "properties": {"country": "DEFRITES"[n % 4 * 2 :][:2]},
        }
        for n in range(PERSONS)
        for step, event in enumerate(STEPS[: 1 + n % 3])
    ]
    client.post("/batch/", json={"api_key": world.project_token, "batch": batch}).raise_for_status()


def _dashboards(client: httpx.Client, world: World) -> list[int]:
    """Make dashboards of the same insights; each has dates of its own, and so answers and pictures."""
    root = f"/api/projects/{world.project_id}"
    tiles = [{"insight": _insight(client, root, n)} for n in range(TILES)]
    found = []
    for n in range(1 + ROUNDS):
        body = {"name": f"Dates {n}", "tiles": tiles, "filters": {"date_from": f"2026-10-{20 + n}"}}
        found.append(client.post(f"{root}/dashboards/", json=body).raise_for_status().json()["id"])
    return found


def _insight(client: httpx.Client, root: str, number: int) -> int:
    dates = {"date_from": "2026-11-01", "date_to": f"2026-11-{DAYS + number // len(FORMS):02}"}
    series = [{"kind": "EventsNode", "event": event} for event in STEPS]
    source = {"kind": "FunnelsQuery", "series": series, "dateRange": dates, **FORMS[number % len(FORMS)]}
    query = {"kind": "InsightVizNode", "source": source}
    made = client.post(f"{root}/insights/", json={"name": f"Insight {number}", "query": query})
    id: int = made.raise_for_status().json()["id"]
    return id


def _subscription(client: httpx.Client, world: World, dashboard: int) -> str:
    path = f"/api/projects/{world.project_id}/subscriptions/"
    body = {
        "dashboard": dashboard,
        "dashboard_export_all": True,
        "target_type": "email",
        "target_value": "reader@example.com",
        "frequency": "yearly",
        "start_date": "2030-01-01T09:00:00Z",
    }
    return f"{path}{client.post(path, json=body).raise_for_status().json()['id']}/"


def _delivered_s(client: httpx.Client, path: str) -> float:
    """Return the seconds from asking for a delivery until it is recorded that the mail server has taken the mail."""
    began = time.perf_counter()
    client.post(f"{path}test-delivery/").raise_for_status()
    deliveries = path.replace("/projects/", "/environments/") + "deliveries/"
    while time.perf_counter() - began < WAIT_S:
        newest = client.get(deliveries).raise_for_status().json()["results"][0]
        if newest["status"] != "starting":
            assert newest["status"] == "completed", newest["error"]
            return time.perf_counter() - began
        time.sleep(LOOK_S)
    raise TimeoutError("a delivery was not done")


async def _reports(folder: Path, world: World, dashboard: int) -> tuple[float, float, Report]:
    """Return the median time of a report whose pictures are drawn, of one that has them already, and the report."""
    settings = Settings.from_env({"PARLEY_DATA_DIR": str(folder), "PARLEY_DATABASE_URL": world.database_url})
    services = open_services(settings)
    try:
        await _report_s(services, world, dashboard)
        bare = [await _report_s(services, world, dashboard) for _ in range(ROUNDS)]
        services.recent_pictures = RecentBytes(0, 0)  # from now on each is drawn
        drawn = [await _report_s(services, world, dashboard) for _ in range(ROUNDS)]
    finally:
        await services.isolated.close()
        await services.database.close()
    assert len(drawn[-1][1].pictures) == TILES
    return median(took for took, _ in drawn), median(took for took, _ in bare), drawn[-1][1]


async def _report_s(services: Services, world: World, dashboard: int) -> tuple[float, Report]:
    project = await project_by_id(services.database, world.project_id)
    assert project is not None
    about = ReportAbout(dashboard_id=dashboard, is_whole=True)
    form = ReportForm(medium="email")
    began = time.perf_counter()
    report = await report_of(services, project, about, form)
    return time.perf_counter() - began, report
