"""The transcript of a ticket: who said what and when, as plain text. What strangers wrote stands between marks."""

from typing import Any

from parley.kernel.http.request import ParleyRequest
from parley.kernel.text.json_text import read_json
from parley.kernel.text.visible import visible
from parley.mcp.api_calls import ApiRequest, call_api
from parley.mcp.results import new_marks, problem_of
from parley.mcp.rules.requests import segment
from parley.mcp.rules.tools.tool import PROJECT
from parley.mcp.rules.untrusted import Marks

TEMPLATE = "parley://projects/{project_id}/tickets/{id}/transcript"
MOST_MESSAGES = 500


async def transcript_of(asked: ParleyRequest, project_id: str, ticket: str) -> str:
    """Return the transcript, the oldest message first; raises ToolProblem."""
    project, key = segment("project_id", project_id), segment("id", ticket)
    path = f"{PROJECT.replace('{project_id}', project)}/conversations/tickets/{key}"
    shown = await _read(asked, path)
    messages = await _read(asked, f"{path}/messages", f"limit={MOST_MESSAGES}")
    marks = new_marks()
    left_out = messages["count"] - len(messages["results"])
    more = f"\n\n{left_out} later messages are left out." if left_out > 0 else ""
    said = "\n\n".join(_said(one, marks) for one in messages["results"])
    return f"{marks.warning}\n\n{_head(shown, marks)}\n\n{said}{more}\n"


async def _read(asked: ParleyRequest, path: str, query: str = "") -> Any:
    answer = await call_api(asked, ApiRequest("GET", path, query))
    if answer.status >= 400:
        raise problem_of(answer)
    return read_json(answer.body)


def _head(ticket: Any, marks: Marks) -> str:
    subject = ticket.get("email_subject")
    about = f"\nSubject: {marks.around(visible(subject))}" if subject else ""
    return (
        f"Ticket #{ticket['ticket_number']}, {ticket['status']}, priority {ticket['priority'] or 'not set'}, "
        f"{ticket['channel_source']}, opened {ticket['created_at']}{about}"
    )


def _said(message: Any, marks: Marks) -> str:
    private = ", private note" if message["is_private"] else ""
    name = marks.around(visible(message["author_name"]))
    head = f"{message['created_at']} {message['author_type']}{private}, {name}:"
    return f"{head}\n{marks.around(visible(message['content']))}"
