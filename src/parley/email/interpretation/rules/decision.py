"""What becomes of a mail: one decision, made of facts alone (docs/email-inbound.md#decisions)."""

from typing import Literal

import msgspec

from parley.email.inbound.rules.states import Reason

MOST_PER_HOUR = 60
"""Mails of one address that become messages within an hour; more come from a machine, or from a loop."""

FoundBy = Literal["message_id", "named_id", "reply_address", "subject"]
"""How a mail names a ticket. `named_id`: the ticket knows the id only because another mail named it, as anybody can.
`reply_address`: the signed address of the ticket. A subject's number is a guess of the sender."""
Role = Literal["requester", "participant", "agent", "other"]


class MailFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a mail but its thread. `is_forced` says that somebody of the team wants it to be stored."""

    is_forced: bool = False
    is_enabled: bool = True
    is_bounce: bool = False
    is_repeat: bool = False
    is_own: bool = False
    is_auto_reply: bool = False
    is_automatic: bool = False
    is_authenticated: bool = False
    is_agent: bool = False
    n_within_hour: int = 0


class ThreadFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The ticket that a mail names. `role` is what its sender is there, by their address alone."""

    found_by: FoundBy
    is_live: bool = True
    is_verified: bool = False
    role: Role = "other"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do with a mail. A reason with `open` or `append` is a remark for the team."""

    outcome: Literal["open", "append", "ignore", "reject"]
    reason: Reason | None = None
    role: Role = "requester"
    adds_participants: bool = False
    reopens: bool = True


def decide(mail: MailFacts, thread: ThreadFacts | None) -> Decision:
    """Say what becomes of a mail."""
    if not mail.is_enabled:
        return Decision(outcome="reject", reason="disabled")
    ignored = _reason_to_ignore(mail)
    if ignored is not None:
        return Decision(outcome="ignore", reason=ignored)
    is_hearsay = thread is not None and thread.found_by == "named_id"
    if thread is not None and not thread.is_live and not mail.is_forced and not is_hearsay:
        return Decision(outcome="ignore", reason="deleted_thread")
    if thread is None or not thread.is_live:
        return _opened(mail)
    remark = _reason_to_keep_apart(mail, thread)
    if remark is not None:
        return _opened(mail, remark)
    role: Role = "agent" if mail.is_agent else thread.role
    return Decision(
        outcome="append",
        role=role,
        # Who doesn't belong to a ticket could have its answers sent to themselves.
        adds_participants=mail.is_authenticated and role in ("requester", "participant", "agent"),
        reopens=not (mail.is_automatic or mail.is_auto_reply),
    )


def _reason_to_ignore(mail: MailFacts) -> Reason | None:
    """Return why a mail is no word of a customer. A repeat is none even if somebody wants it stored once more."""
    if mail.is_repeat:
        return "repeat"
    reasons: tuple[tuple[bool, Reason], ...] = (
        (mail.is_bounce, "bounce"),
        (mail.is_own, "own_mail"),
        (mail.is_auto_reply, "auto_reply"),
        (mail.n_within_hour >= MOST_PER_HOUR, "too_many"),
    )
    return None if mail.is_forced else next((reason for applies, reason in reasons if applies), None)


def _opened(mail: MailFacts, remark: Reason | None = None) -> Decision:
    role: Role = "agent" if mail.is_agent else "requester"
    return Decision(outcome="open", reason=remark, role=role, adds_participants=mail.is_authenticated)


def _reason_to_keep_apart(mail: MailFacts, thread: ThreadFacts) -> Reason | None:
    """Return why a mail doesn't belong on the ticket that it names.

    A verified ticket belongs to a proven identity, so only proven senders who take part in it write there. Elsewhere
    it is enough to know a message id of the thread, which nobody can guess; what can be guessed, or was only named by
    another mail, counts for those who take part.
    """
    if mail.is_agent:
        return None
    if thread.role == "other" and (thread.found_by != "message_id" or thread.is_verified):
        return "unknown_sender"
    if not mail.is_authenticated and (thread.is_verified or thread.found_by == "subject"):
        return "unproven_sender"
    return None
