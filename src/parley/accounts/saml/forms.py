"""The forms of the page: what is set, and the metadata from which it is filled."""

from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.certificates import certificates_of, pem_text
from parley.accounts.saml.rules.documents import MOST_METADATA_BYTES
from parley.kernel.errors import TooLarge
from parley.kernel.http.body import TRIM
from parley.kernel.http.request import ParleyRequest
from parley.kernel.http.uploads import FormPart, form_parts
from parley.web.guards import CSRF_FIELD, FormOutOfDate, check_token


class SamlForm(msgspec.Struct, frozen=True, kw_only=True):
    """What an admin sets, or that SAML is to be switched off; a box that isn't ticked isn't sent."""

    saml_entity_id: Annotated[str, Meta(extra=TRIM)] = ""
    saml_acs_url: Annotated[str, Meta(extra=TRIM)] = ""
    saml_x509_cert: Annotated[str, Meta(extra=TRIM)] = ""
    saml_allows_idp_initiated: str = ""
    switch_off: str = ""


def checked_fields(form: SamlForm) -> dict[str, Any]:
    """Return the fields of the domain that a form sets; raises SamlInvalid with the field at fault.

    The API takes any text here. Whoever uses the page is told what would not work.
    """
    fields = {"saml_entity_id": form.saml_entity_id, "saml_acs_url": form.saml_acs_url}
    fields["saml_x509_cert"] = form.saml_x509_cert
    switch = {"saml_allows_idp_initiated": bool(form.saml_allows_idp_initiated)}
    if form.switch_off:
        return dict.fromkeys(fields) | {"saml_allows_idp_initiated": False}
    for name, value in fields.items():
        if not value:
            raise SamlInvalid("This is needed, too.", attr=name)
    parts = urlsplit(form.saml_acs_url)
    if parts.scheme not in ("https", "http") or not parts.netloc:
        raise SamlInvalid("Enter a web address that begins with https://.", attr="saml_acs_url")
    try:
        fields["saml_x509_cert"] = pem_text(certificates_of(form.saml_x509_cert))
    except SamlInvalid as error:
        raise SamlInvalid(error.detail, attr="saml_x509_cert") from error
    return fields | switch


class SentMetadata(msgspec.Struct, frozen=True):
    """What the form for an import was given: a file, or a URL."""

    file: bytes
    url: str


async def sent_metadata(request: ParleyRequest) -> SentMetadata:
    """Return what somebody sent off; raises FormOutOfDate before anything is kept, ParseFailed and TooLarge."""
    is_ours, file, url = False, b"", ""
    async for part in form_parts(request, most=10):
        if part.name == CSRF_FIELD and not is_ours:
            check_token(request, await part.text())
            is_ours = True
        elif not is_ours:
            raise FormOutOfDate
        elif part.name == "metadata_url" and part.filename is None:
            url = (await part.text()).strip()
        elif part.name == "file":
            file = await _content(part)
    if not is_ours:
        raise FormOutOfDate
    return SentMetadata(file, url)


async def _content(part: FormPart) -> bytes:
    content = bytearray()
    async for chunk in part.chunks:
        content += chunk
        if len(content) > MOST_METADATA_BYTES:
            raise TooLarge
    return bytes(content)
