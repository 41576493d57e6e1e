"""Suggestions as they travel."""

from collections.abc import Sequence

import msgspec

from parley.knowledge.suggested_replies.rules.ranking import SourceKind


class SuggestionSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where a suggestion comes from: a resolved ticket, an article or a quick action of the project."""

    type: SourceKind
    id: str
    title: str
    url: str


class SuggestionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A draft of a reply, empty where nothing is known, and its sources, the first one first."""

    suggestion: str
    sources: Sequence[SuggestionSource]


class SuggestionProblem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why there is no suggestion; `error_type` is there where a model failed: validation_error, timeout, unknown_error."""

    detail: str
    error_type: str | None = None
