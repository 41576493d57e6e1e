"""What an entry says in words: `Lea Berger changed the level of Jonas Wolf: from member to admin`."""

import re
from collections.abc import Mapping
from typing import Any

from parley.accounts.audit_log.schemas import AuditKey, AuditTarget, AuditUser

MOST_DETAILS, MOST_LETTERS = 4, 60
KINDS = {
    "api_key": "API key",
    "email_channel": "e-mail channel",
    "oauth_application": "application",
    "user": "account",
    "saml": "SAML",
    "scim": "SCIM",
}
"""What things are called that aren't called as their type."""
FIELDS = {
    "jit_provisioning_enabled": "letting people in who have no account",
    "proven_providers": "providers with which somebody has signed in",
    "saml_acs_url": "sign-on URL of SAML",
    "saml_allows_idp_initiated": "starting at the identity provider",
    "saml_entity_id": "entity ID of SAML",
    "saml_x509_cert": "certificates of SAML",
    "scim_enabled": "SCIM",
    "scim_token_hash": "SCIM token",
    "sso_enforcement": "only way to sign in",
}
"""What fields are called whose name says little to whoever reads it."""
WAYS_IN = {
    "github": "GitHub",
    "gitlab": "GitLab",
    "google-oauth2": "Google",
    "passkey": "a passkey",
    "password": "a password",
    "recovery": "a password and a recovery code",
    "recovery_code": "a password and a recovery code",
    "saml": "SAML",
    "totp": "a password and a code",
}
"""What the values of these fields are called."""
OF_WAYS_IN = ("method", "provider", "proven_providers", "sso_enforcement")
FROM_A_PROVIDER = ("member.", "role.")
"""What only an identity provider has done without a user, by SCIM; entries name its token by now."""

SENTENCES = {
    "access_level.changed": "changed the access level of {after.of} in {target} from {before.level} to {after.level}",
    "api_key.changed": "changed the API key {target}",
    "api_key.deleted": "deleted the API key {target}",
    "api_key.made": "made the API key {target}",
    "api_key.rolled": "gave the API key {target} a new value",
    "api_key.widened": "let the API key {target} cover all organizations of its owner",
    "audit_log.cleared": "cleared the audit log",
    "audit_log.exported": "exported the audit log",
    "conversion_rule.changed": "changed the conversion rule for LinkedIn: {target}",
    "conversion_rule.created": "added a conversion rule for LinkedIn: {target}",
    "conversion_rule.deleted": "deleted the conversion rule for LinkedIn: {target}",
    "demo_data.loaded": "loaded demo data into the project {target}",
    "domain.changed": "changed the domain {target}",
    "domain.created": "added the domain {target}",
    "domain.deleted": "deleted the domain {target}",
    "domain.found_again": "The record of the domain {target} is there again",
    "domain.missing": "The record of the domain {target} is missing",
    "domain.scim_token_rotated": "made a new SCIM token for {target}",
    "domain.verified": "verified the domain {target}",
    "domain.withdrawn": "The domain {target} is not verified any more",
    "email_channel.changed": "changed the e-mail channel {target}",
    "email_channel.mailbox_removed": "stopped fetching mail for {target}",
    "email_channel.mailbox_set": "set the mailbox of {target}",
    "integration.connected": "connected the integration {target}",
    "integration.disconnected": "disconnected the integration {target}",
    "integration.reconnected": "connected the integration {target} again",
    "invitation.accepted": "accepted the invitation of {target}",
    "invitation.deleted": "withdrew the invitation of {target}",
    "invitation.made": "invited {target} as {after.level}",
    "member.joined": "{target} joined the organization as {after.level}",
    "member.left": "left the organization",
    "member.level_changed": "changed the level of {target} from {before.level} to {after.level}",
    "member.removed": "removed {target} from the organization",
    "oauth_application.connected": "connected the application {target}",
    "oauth_application.disconnected": "disconnected the application {target}",
    "oauth_application.reuse_detected": "The application {target} is disconnected: its {after.reused} was used twice",
    "organization.changed": "changed the organization {target}",
    "organization.made": "made the organization {target}",
    "passkey.added": "added a passkey",
    "passkey.deleted": "deleted a passkey",
    "password.changed": "changed the password",
    "password.reset": "set a new password by a link in a mail",
    "person.erased": "erased the data of one person",
    "person.exported": "exported the data of one person",
    "project.changed": "changed the project {target}",
    "project.deleted": "deleted the project {target}",
    "project.former_secret_token_ended": "ended the former secret token of {target}",
    "project.made": "made the project {target}",
    "project.secret_token_rotated": "gave {target} a new secret token",
    "project.signing_secret_rotated": "gave {target} a new webhook secret",
    "project.widget_token_rotated": "gave {target} a new widget token",
    "role.changed": "changed the role {target}",
    "role.deleted": "deleted the role {target}",
    "role.given": "gave {target} the role {after.role}",
    "role.made": "made the role {target}",
    "role.taken": "took the role {before.role} from {target}",
    "recovery_code.used": "used a recovery code",
    "recovery_codes.made": "made new recovery codes",
    "scim_deprovisioned": "The identity provider removed {target}",
    "scim_provisioned": "The identity provider added {target}",
    "scim_replaced": "The identity provider replaced what it says about {target}",
    "scim_updated": "The identity provider changed what it says about {target}",
    "session.ended": "signed out",
    "session.revoked": "signed out other browsers",
    "sign_in.break_glass": "signed in with a recovery code, past single sign-on",
    "two_factor.disabled": "switched two-factor sign-in off",
    "two_factor.enabled": "switched two-factor sign-in on",
    "tag.deleted": "deleted the tag {target}",
    "tag.merged": "merged the tag {target} into {after.into}",
    "tag.renamed": "renamed the tag {target} to {after.into}",
    "user.address_released": "{target} lost its address {before.email}, which an organization has proved to be its own",
    "user.address_set": "set another address for the account: {after.email}",
    "user.credentials_ended": "{target} lost password, keys and sessions that were made before the address was proved",
    "share.disabled": "stopped sharing {target}",
    "share.enabled": "shared {target} by a link",
    "share.link_refreshed": "gave the share of {target} another link",
    "share.password_deleted": "deleted a password of the share of {target}",
    "share.password_created": "made a password for the share of {target}",
    "sign_in.failed": "could not sign in to the account of {target}",
    "sign_in.succeeded": "signed in with {after.method}",
    "identity.linked": "signed in with {after.provider} for the first time",
    "email_channel.connected": "connected the e-mail channel {target}",
    "sms_channel.connected": "connected the phone number {target}",
    "sms_channel.disconnected": "disconnected the phone number {target}",
    "email_channel.disconnected": "disconnected the e-mail channel {target}",
    "share.changed": "changed how {target} is shared",
    "webhook.changed": "changed the webhook {target}",
    "webhook.deleted": "deleted the webhook {target}",
    "webhook.replayed": "sent a message to the webhook {target} once more",
    "webhook.retried": "sent to the webhook {target} what waited and what had failed",
    "webhook.tested": "sent a test message to the webhook {target}",
    "webhook.made": "made the webhook {target}",
    "webhook.secret_shown": "looked at the secret that signs the webhooks of {target}",
}
"""The words for each action; those that begin with a capital letter or `{` are the whole sentence."""


PLACE = re.compile(r"\{(target|(?:before|after)\.\w+)\}")


def sentence(
    action: str,
    user: AuditUser | None,
    target: AuditTarget | None,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    address: str,
    key: AuditKey | None = None,
) -> str:
    """Return what an entry says in one sentence, without the full stop; an action that has no words here is spelled out."""
    who = (user.name or user.email) if user else _nobody(action, address, key)
    words = SENTENCES.get(action) or _spelled_out(action, target)
    named = (target and (target.name or target.id)) or "something"
    values = {"before": before or {}, "after": after or {}}
    # In one pass: what a stranger has put into a name is not looked at again.
    done = PLACE.sub(
        lambda place: named if place[1] == "target" else _of(values, *place[1].split(".")), words
    )
    said = done if words[0] == "{" or words[0].isupper() else f"{who} {done}"
    told = {place.split(".")[-1] for place in PLACE.findall(words)}
    left = [{name: value for name, value in one.items() if name not in told} for one in values.values()]
    details = _details(*left)
    return f"{said}: {details}" if details else said


def _nobody(action: str, address: str, key: AuditKey | None) -> str:
    if not address:
        return "Parley"
    return "The identity provider" if key or action.startswith(FROM_A_PROVIDER) else "Somebody"


def differences(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[tuple[str, str, str]]:
    """Return what a sentence has no room for: of each value its name, what it was (or an empty text), and what it is."""
    before, after = before or {}, after or {}
    found = [
        (_label(name), _named(name, before[name]) if name in before else "", _named(name, after.get(name)))
        for name in {**before, **after}
    ]
    has_room = len(found) <= MOST_DETAILS and all(
        len(text) <= MOST_LETTERS for _, *texts in found for text in texts
    )
    return [] if has_room else found


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
    return "; ".join(said)


def _detail(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    label = _label(name)
    if name in before and name in after:
        if before[name] == after[name]:
            return f"{label} {_short(name, after[name])}"
        return f"{label} from {_short(name, before[name])} to {_short(name, after[name])}"
    return f"{label} {_short(name, before[name] if name in before else after[name])}"


def _label(name: str) -> str:
    return FIELDS.get(name, name.replace("_", " "))


def _of(values: Mapping[str, Mapping[str, Any]], side: str, name: str) -> str:
    return _named(name, values[side].get(name))


def _short(name: str, value: Any) -> str:
    text = _named(name, value)
    if len(text) > MOST_LETTERS:
        text = text[: MOST_LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}" if " " in text else text


def _named(name: str, value: Any) -> str:
    if name not in OF_WAYS_IN:
        return _value(value)
    texts = [_value(one) for one in (value or [None])] if isinstance(value, list) else [_value(value)]
    return " + ".join(WAYS_IN.get(text, text) for text in texts)


def _value(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return " + ".join(_value(one) for one in value)
    if isinstance(value, dict):
        return " ".join(_value(one) for one in value.values())
    return str(value)
