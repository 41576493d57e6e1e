"""From filters to SQL. A text is compared as searches compare it, an `externalId` letter by letter."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select, union

from parley.accounts.memberships.tables import membership
from parley.accounts.scim.tables import scim_user
from parley.accounts.scim_messages.rules.filters import AllOf, AnyOf, Comparing, Filter, narrowed
from parley.accounts.scim_messages.rules.groups import user_id_of
from parley.accounts.users.tables import user_account
from parley.kernel.database.dialect import folded_holds, folded_text
from parley.kernel.network.emails import normal_email
from parley.kernel.text.forms import folded

USER_NAME = func.coalesce(scim_user.c.folded_user_name, folded_text(user_account.c.email))
TEXTS: dict[str, ColumnElement[str]] = {
    "username": USER_NAME,
    "emails.value": folded_text(user_account.c.email),
    "name.givenname": folded_text(user_account.c.first_name),
    "name.familyname": folded_text(user_account.c.last_name),
}
HOLDERS: dict[str, ColumnElement[str]] = {
    "username": func.coalesce(scim_user.c.user_name, user_account.c.email),
    "emails.value": user_account.c.email,
    "name.givenname": user_account.c.first_name,
    "name.familyname": user_account.c.last_name,
}
"""The same as they are stored, for what folds by itself."""


def condition(found: Filter) -> ColumnElement[bool]:
    """Return the condition on a user with their membership and what the identity provider calls them."""
    match found:
        case AllOf():
            return and_(*map(condition, found.terms))
        case AnyOf():
            return or_(*map(condition, found.terms))
        case Comparing():
            return _comparison(found)
    return not_(condition(found.term))


def candidates(found: Filter, domain_id: UUID) -> ColumnElement[bool] | None:
    """Return a condition that indexes serve and that the filter implies; None for one that any user may satisfy."""
    if (name := narrowed(found, "username")) is not None:
        by_name = select(scim_user.c.user_id).where(
            scim_user.c.domain_id == domain_id, scim_user.c.folded_user_name == folded(name)
        )
        by_email = select(user_account.c.id).where(user_account.c.email == normal_email(name))
        return user_account.c.id.in_(union(by_name, by_email))
    if (email := narrowed(found, "emails.value")) is not None:
        return user_account.c.email == normal_email(email)
    if (external_id := narrowed(found, "externalid")) is not None:
        mine = (scim_user.c.domain_id == domain_id, scim_user.c.external_id == external_id)
        return user_account.c.id.in_(select(scim_user.c.user_id).where(*mine))
    if (user_id := narrowed(found, "id")) is not None:
        return _has_id(user_id)
    return None


def _has_id(text: str) -> ColumnElement[bool]:
    user_id = user_id_of(text)
    return false() if user_id is None else user_account.c.id == user_id


def _comparison(found: Comparing) -> ColumnElement[bool]:
    match found.attribute:
        case "id":
            is_it = _has_id(str(found.value))
            return is_it if found.operator == "eq" else not_(is_it)
        case "active":
            return _activity(found)
        case "externalid":
            return _exact(func.coalesce(scim_user.c.external_id, ""), found.operator, str(found.value))
    return _text(found)


def _activity(found: Comparing) -> ColumnElement[bool]:
    is_member = membership.c.user_id.is_not(None)
    if found.operator == "pr":
        return user_account.c.id.is_not(None)
    return is_member if found.value is (found.operator == "eq") else not_(is_member)


def _exact(column: ColumnElement[str], operator: str, value: str) -> ColumnElement[bool]:
    if operator == "pr":
        return column != ""
    return column == value if operator == "eq" else column != value


def _text(found: Comparing) -> ColumnElement[bool]:
    column = TEXTS[found.attribute]
    value = folded(str(found.value or ""))
    match found.operator:
        case "co":
            return folded_holds(HOLDERS[found.attribute], value)
        case "sw":
            return func.substr(column, 1, len(value)) == value
        case "ew":
            ending = func.substr(column, func.length(column) - len(value) + 1)
            return and_(func.length(column) >= len(value), ending == value)
    return _exact(column, found.operator, value)
