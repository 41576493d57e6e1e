"""Inside a transaction, the parts of the program that are measured run `Prepared` statements, and no other part does.

The rule is in docs/decisions/0004. A SELECT outside a transaction is a `Prepared` everywhere.
"""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Function, Module, dotted, last_name

NAME = "prepared"
MEASURED = (
    "accounts/access_levels/",
    "accounts/activity_log/",
    "accounts/authentication/",
    "analytics/recordings/actions/storing",
    "analytics/recordings/queries/",
    "analytics/snapshots/",
    "conversations/bulk_changes/",
    "conversations/change_feed/",
    "conversations/deletion/",
    "conversations/merging/",
    "conversations/messages/",
    "conversations/participants/",
    "conversations/personal_data/",
    "conversations/search/",
    "conversations/threads/",
    "conversations/ticket_api/",
    "conversations/ticket_changes/",
    "conversations/ticket_list/",
    "conversations/tickets/",
    "conversations/widget/",
    "email/channels/queries",
    "email/delivery/",
    "email/inbound/",
    "email/brake/",
    "email/outbound/",
    "email/interpretation/",
    "email/reply_routes/",
    "email/threading/",
    "inbox/",
    "integrations/webhooks/actions/sending",
    "integrations/webhooks/queries/listeners",
    "kernel/database/",
    "kernel/idempotency/",
    "kernel/jobs/outbox",
    "kernel/jobs/event_runner",
    "kernel/jobs/relay",
    "people/clickhouse/",
    "people/events/",
    "people/persons/",
    "people/shipments/",
)
"""What the requests of `make bench` run through, and what keeps tickets locked: features, or single files of them."""

METHODS = (".row", ".each", ".execute")
STARTS = {"select", "insert", "update", "delete"}
PUT_TOGETHER = (ast.Starred, ast.IfExp, ast.BoolOp, ast.comprehension)


def check(module: Module) -> Iterator[Finding]:
    """Yield each statement of a transaction that is prepared, or executed, in the wrong part of the program."""
    if not module.is_source or not any(method in module.text for method in METHODS):
        return
    is_measured = "/".join(module.parts).startswith(MEASURED)
    kept = set(_names_of(module.tree))
    for function in module.functions:
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            called = dotted(call.func)
            if called in ("db.row", "db.rows", "db.each", "db.write") and not is_measured:
                text = "No measured request comes here: write the statement into db.execute(...)."
                yield module.find(call, NAME, text, function.name)
            if called == "db.execute" and is_measured and _never_changes(function, call, kept):
                text = "Measured requests come here, and this SQL never changes: keep it as a Prepared."
                yield module.find(call, NAME, text, function.name)


def _names_of(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _never_changes(function: Function, call: ast.Call, kept: set[str]) -> bool:
    """Say whether this plainly runs one SQL text: a name of the module, or written out with nothing but values in it."""
    if any(isinstance(node, ast.Attribute) and node.attr == "rowcount" for node in ast.walk(function)):
        return False  # how many rows it has changed is nothing that a Prepared tells
    statement = call.args[0]
    if isinstance(statement, ast.Name):
        return statement.id in kept
    first = statement
    while isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute):
        first = first.func.value
    if not (isinstance(first, ast.Call) and last_name(first.func) in STARTS):
        return False
    return not any(_may_differ(node, kept) for node in ast.walk(statement))


def _may_differ(node: ast.AST, kept: set[str]) -> bool:
    if isinstance(node, PUT_TOGETHER):
        return True
    if not isinstance(node, ast.Call):
        return False
    is_list = last_name(node.func) == "in_"
    is_own = last_name(node.func).startswith("_")
    spread = any(keyword.arg is None for keyword in node.keywords)
    handed_in = last_name(node.func) in ("where", "values") and any(
        isinstance(argument, ast.Name) and argument.id not in kept for argument in node.args
    )
    return is_list or is_own or spread or handed_in
