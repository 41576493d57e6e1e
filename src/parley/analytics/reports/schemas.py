"""Reports, before and after they are made."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from parley.kernel.network.mail import MailFile

Wanted = Literal["csv", "pdf"]


class ReportAbout(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is about: an insight, or insights of a dashboard.

    `chosen` are ids of insights of the dashboard; without it the first six are taken, or all with `is_whole`.
    """

    insight_id: int | None = None
    dashboard_id: int | None = None
    chosen: Sequence[int] | None = None
    is_whole: bool = False


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    """How a report is made: with what title, for what (`email`, ...), and with which files."""

    title: str | None = None
    medium: str
    files: Sequence[Wanted] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report. `html` has no frame (`framed` makes it) and names `pictures` by their Content-ID; only mails have it.

    `picture_names` says what each picture shows. `answers` are for programs. A report is empty if none of its insights has
    anything to show, and nothing went wrong.
    """

    subject: str
    text: str
    html: str
    pictures: Sequence[MailFile] = ()
    picture_names: Sequence[str] = ()
    files: Sequence[MailFile] = ()
    answers: Sequence[Mapping[str, Any]] = ()
    is_empty: bool = False
