"""The form of a quick action, as a page shows it and as it is sent."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from parley.accounts.memberships.queries import away_members, member_page
from parley.accounts.memberships.rules import label_of
from parley.accounts.roles.queries import role_page
from parley.conversations.messages.rich_text import readable, written
from parley.conversations.quick_actions.schemas import QuickActionOut
from parley.conversations.tickets.rules.fields import STATUSES, Priority
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Project
from parley.kernel.http.body import TRIM

MOST_ASSIGNEES = 200
PRIORITIES: tuple[str, ...] = get_args(Priority)


class QuickActionForm(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of the form; `assignee` is `user:<id>` or `role:<uuid>`, and empty means that nothing is set.

    `rich_content` is the document of the editor as JSON, and empty where there was no editor.
    """

    name: Annotated[str, Meta(extra=TRIM)] = ""
    description: Annotated[str, Meta(extra=TRIM)] = ""
    content: str = ""
    rich_content: str = ""
    visibility: str = "team"
    status: str = ""
    priority: str = ""
    tags: Annotated[str, Meta(extra=TRIM)] = ""  # with commas between them
    assignee: str = ""


class FormOption(msgspec.Struct, frozen=True):
    """One option of a select of the form."""

    value: str
    name: str


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """What the selects of the form offer."""

    statuses: Sequence[FormOption]
    priorities: Sequence[FormOption]
    assignees: Sequence[FormOption]


async def choices_of(db: Db, project: Project, chosen: str, now: datetime) -> Choices:
    """Return what can be chosen: the first members and roles, and whoever is `chosen` already."""
    organization_id = project.organization_id
    members = await member_page(db, organization_id, MOST_ASSIGNEES, 0)
    roles = await role_page(db, organization_id, MOST_ASSIGNEES, 0)
    away = await away_members(db, project, [one.user.id for one in members], now)
    people = [
        FormOption(f"user:{one.user.id}", label_of(one.user.name, away.get(one.user.id, "")))
        for one in members
    ]
    people += [FormOption(f"role:{one.id}", one.name) for one in roles]
    if chosen and all(one.value != chosen for one in people):
        people.append(FormOption(chosen, "Somebody who has left"))
    return Choices(statuses=_named(STATUSES), priorities=_named(PRIORITIES), assignees=people)


def _named(values: Iterable[str]) -> list[FormOption]:
    return [FormOption(value, value.replace("_", " ").capitalize()) for value in values]


def form_of(found: QuickActionOut) -> QuickActionForm:
    """Return the form of a stored quick action."""
    assignee = found.actions.get("assignee")
    return QuickActionForm(
        name=found.name,
        description=found.description,
        content=found.content,
        rich_content=readable(found.rich_content),
        visibility=found.visibility,
        status=found.actions.get("status", ""),
        priority=found.actions.get("priority", ""),
        tags=_shown_tags(found.actions.get("tags", ())),
        assignee=f"{assignee['type']}:{assignee['id']}" if assignee else "",
    )


def fields_of(form: QuickActionForm, found: QuickActionOut | None = None) -> dict[str, Any]:
    """Return what a form says as the API takes it, of its text only what is another one than `found` has.

    Raises Invalid for an assignee that is none, and for formatting that no editor of ours makes.
    """
    actions = {
        "status": form.status or None,
        "priority": form.priority or None,
        "tags": _read_tags(form.tags),
        "assignee": _assignee(form.assignee),
    }
    return {
        "name": form.name,
        "description": form.description,
        "visibility": form.visibility,
        "actions": actions,
        **_text_of(form, found),
    }


def _text_of(form: QuickActionForm, found: QuickActionOut | None) -> dict[str, Any]:
    if form.rich_content:
        said = written(form.content, form.rich_content)
        return {"content": said.content, "rich_content": said.rich_content}
    if found and _is_same_text(form.content, found.content):
        return {}
    # Without the editor, formatting is of the text that was there before.
    return {"content": unix_lines(form.content), "rich_content": None}


def _is_same_text(sent: str, stored: str) -> bool:
    """Say whether a text came back as it was shown; a text field leaves out the first line end (HTML, "textarea")."""
    return unix_lines(sent).removeprefix("\n") == unix_lines(stored).removeprefix("\n")


def unix_lines(text: str) -> str:
    """Return a text with the line ends that are stored; browsers send others (HTML, "constructing the entry list")."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _shown_tags(tags: Iterable[str]) -> str:
    """Return tags with commas between them; one that has a comma stands in quotation marks (RFC 4180)."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(tags)
    return line.getvalue().replace(",", ", ") if '"' not in line.getvalue() else line.getvalue()


def _read_tags(text: str) -> list[str]:
    try:
        fields = next(csv.reader([" ".join(text.split())], skipinitialspace=True), [])
    except csv.Error as error:
        raise Invalid("These tags can't be read. Put commas between them.", attr="actions__tags") from error
    return [tag.strip() for tag in fields if tag.strip()]


def _assignee(text: str) -> dict[str, Any] | None:
    if not text:
        return None
    kind, _, id = text.partition(":")
    if kind == "user" and id.isascii() and id.isdigit() and len(id) <= 20:
        return {"type": "user", "id": int(id)}
    if kind == "role":
        return {"type": "role", "id": id}
    raise Invalid("Nobody is called so. Please choose somebody of the list.", attr="actions__assignee")
