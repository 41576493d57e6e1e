"""What an entry says in words: `Lea Berger changed the level of Jonas Wolf: from member to admin`."""

from collections.abc import Mapping
from typing import Any

from parley.accounts.audit_log.schemas import AuditTarget, AuditUser

MOST_DETAILS, MOST_LETTERS = 4, 60
KINDS = {
    "api_key": "API key",
    "email_channel": "e-mail channel",
    "user": "account",
    "saml": "SAML",
    "scim": "SCIM",
}
"""What things are called that aren't called as their type."""

SENTENCES = {
    "access_level.changed": "changed an access level in {target}",
    "api_key.made": "made the API key {target}",
    "api_key.rolled": "gave the API key {target} a new value",
    "api_key.widened": "let the API key {target} cover all organizations of its owner",
    "audit_log.cleared": "cleared the audit log",
    "audit_log.exported": "exported the audit log",
    "email_channel.mailbox_removed": "stopped fetching mail for {target}",
    "email_channel.mailbox_set": "set the mailbox of {target}",
    "invitation.accepted": "accepted the invitation of {target}",
    "invitation.deleted": "withdrew the invitation of {target}",
    "invitation.made": "invited {target}",
    "member.joined": "{target} joined the organization",
    "member.left": "left the organization",
    "member.level_changed": "changed the level of {target}",
    "member.removed": "removed {target} from the organization",
    "organization.made": "made the organization {target}",
    "password.changed": "changed the password",
    "password.reset": "set a new password by a link in a mail",
    "password.reset_requested": "A link for a new password was sent to {target}",
    "person.erased": "erased the data of one person",
    "person.exported": "exported the data of one person",
    "project.former_secret_token_ended": "ended the former secret token of {target}",
    "project.made": "made the project {target}",
    "project.secret_token_rotated": "gave {target} a new secret token",
    "project.signing_secret_rotated": "gave {target} a new webhook secret",
    "project.widget_token_rotated": "gave {target} a new widget token",
    "role.given": "gave {target} a role",
    "role.made": "made the role {target}",
    "role.taken": "took a role from {target}",
    "session.ended": "signed out",
    "share.disabled": "stopped sharing {target}",
    "share.enabled": "shared {target} by a link",
    "share.link_refreshed": "gave the share of {target} another link",
    "share.password_deleted": "deleted a password of the share of {target}",
    "share.password_created": "made a password for the share of {target}",
    "sign_in.failed": "could not sign in to the account of {target}",
    "sign_in.succeeded": "signed in",
    "email_channel.connected": "connected the e-mail channel {target}",
    "email_channel.disconnected": "disconnected the e-mail channel {target}",
    "share.changed": "changed how {target} is shared",
    "webhook.made": "made the webhook {target}",
}
"""The words for each action; those that begin with a capital letter or `{` are the whole sentence."""


def sentence(
    action: str,
    user: AuditUser | None,
    target: AuditTarget | None,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    address: str,
) -> str:
    """Return what an entry says in one sentence, without the full stop; an action that has no words here is spelled out."""
    who = (user.name or user.email) if user else ("Somebody" if address else "Parley")
    words = SENTENCES.get(action) or _spelled_out(action, target)
    done = words.replace("{target}", (target and (target.name or target.id)) or "something")
    said = done if words[0] in "{A" else f"{who} {done}"
    details = _details(before or {}, after or {})
    return f"{said}: {details}" if details else said


def _spelled_out(action: str, target: AuditTarget | None) -> str:
    """`domain.verified` is `verified the domain {target}`, and `scim.token_rotated` is `SCIM token rotated`."""
    noun, _, verb = action.partition(".")
    kind = KINDS.get(noun, noun.replace("_", " "))
    if "_" in verb or not verb.endswith("ed") or not target:
        return f"- {kind} {verb.replace('_', ' ')}" + (" ({target})" if target else "")
    return f"{verb} the {kind} {{target}}"


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    names = list({**before, **after})
    said = [_detail(name, before, after) for name in names[:MOST_DETAILS]]
    if len(names) > MOST_DETAILS:
        said.append(f"and {len(names) - MOST_DETAILS} more")
    return ", ".join(said)


def _detail(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    label = name.replace("_", " ")
    if name in before and name in after:
        if before[name] == after[name]:
            return f"{label} {_value(after[name])}"
        return f"{label} from {_value(before[name])} to {_value(after[name])}"
    return f"{label} {_value(before[name] if name in before else after[name])}"


def _value(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return _cut(" + ".join(str(one) for one in value))
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
