"""Conversions for LinkedIn on the wire, and as they are sent."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.integrations.connections.schemas import IntegrationNumber
from parley.integrations.linkedin_conversions.rules import State, Trigger
from parley.integrations.linkedin_conversions.tables import MAX_VALUE
from parley.kernel.http.body import TRIM

LinkedInNumber = Annotated[str, Meta(pattern=r"^[0-9]{1,19}$", extra=TRIM)]
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$", extra=TRIM)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", extra=TRIM)]


class ConversionRuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """What causes a conversion, and which rule of which advertising account at LinkedIn counts it.

    `trigger_value` is the status, the tag, or the name of the event; empty for `ticket_opened`.
    """

    id: UUID
    integration_id: int
    ad_account_id: str
    conversion_rule_id: str
    trigger: str
    trigger_value: str
    amount: str | None
    currency: str | None
    enabled: bool
    created_by: int | None
    created_at: datetime


class NewConversionRule(msgspec.Struct, frozen=True, kw_only=True):
    """A new rule. `integration_id` names a connected account of LinkedIn Ads; the other ids are LinkedIn's numbers."""

    integration_id: IntegrationNumber
    ad_account_id: LinkedInNumber
    conversion_rule_id: LinkedInNumber
    trigger: Trigger
    trigger_value: Annotated[str, Meta(max_length=MAX_VALUE, extra=TRIM)] = ""
    amount: Amount | None = None
    currency: Currency | None = None
    enabled: bool = True


class ConversionRulePatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed; for anything else, delete the rule and make another one."""

    amount: Amount | UnsetType | None = UNSET
    currency: Currency | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class ConversionOut(msgspec.Struct, frozen=True, kw_only=True):
    """One conversion in the log. `skipped` ones had no e-mail address; `last_error` says why something was not sent."""

    id: UUID
    event_id: UUID
    ticket_id: UUID | None
    happened_at: datetime
    state: State
    attempts: int
    last_error: str | None
    next_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


class ConversionToSend(msgspec.Struct, frozen=True, kw_only=True):
    """A conversion that waits, with what its rule says."""

    project_id: int
    id: UUID
    event_id: UUID
    happened_at: datetime
    email_hash: str
    attempts: int
    integration_id: int
    conversion_rule_id: str
    amount: str | None
    currency: str | None


class ActiveRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that is switched on, and up to when its project was looked at."""

    project_id: int
    id: UUID
    trigger: str
    trigger_value: str
    created_at: datetime
    looked_until: datetime
