"""Articles as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic
from parley.kernel.http.body import NAME, TRIM
from parley.knowledge.articles.rules import MAX_CONTENT, MAX_TAGS, State

Title = Annotated[str, Meta(min_length=1, max_length=200, extra=NAME)]
Slug = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        extra=TRIM,
        description="Small letters, digits and hyphens; made of the title where it isn't given.",
    ),
]
Content = Annotated[str, Meta(max_length=MAX_CONTENT, description="Markdown.")]
Tags = Annotated[list[Annotated[str, Meta(max_length=255)]], Meta(max_length=MAX_TAGS)]


class NewArticle(msgspec.Struct, frozen=True, kw_only=True):
    """An article to be written; it is a draft unless the state says something else."""

    title: Title
    slug: Slug | UnsetType = UNSET
    content: Content = ""
    state: State = "draft"
    tags: Tags = []


class ArticlePatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed about an article; tags are replaced whole."""

    title: Title | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    content: Content | UnsetType = UNSET
    state: State | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET


class ArticleOut(msgspec.Struct, frozen=True, kw_only=True):
    """An article. `published_at` is when it was published last; null for what never was."""

    id: UUID
    slug: str
    title: str
    content: str
    state: State
    tags: Sequence[str]
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    created_by: UserBasic | None
