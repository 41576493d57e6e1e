"""Providers at whose domains anybody has an address: nobody but the provider can publish records there.

How mail gets out of a mailbox is what the providers say in their help; it changes now and then, and nothing else depends
on it.
"""

import re

import msgspec

NO_RECORDS = (
    "{domain} belongs to {provider}. You can't publish records there, so it can't be verified, and no mail goes out from "
    "this address. Connect an address of your own domain to write from. "
    "Mail to this one can come in all the same, and answers to it go out from yours. {way}"
)
APP_PASSWORD = "An app password, not that of the account: it is made in the settings of the account."
ANY_WAY = "Forward it, or have Parley fetch it, whichever the provider allows."


class PublicProvider(msgspec.Struct, frozen=True):
    """A provider, a pattern of its domains, and how mail gets from there to Parley: in words, and by IMAP where it can."""

    name: str
    domains: str
    way: str = ANY_WAY
    imap_host: str | None = None
    password: str | None = None


COUNTRY = r"(?:com|net|[a-z]{2}|com?\.[a-z]{2})"
EUROPE = r"(?:at|be|ch|co\.uk|cz|de|dk|es|fi|fr|hu|ie|it|nl|no|pl|pt|se)"
PROVIDERS = [
    PublicProvider(
        "Gmail",
        r"(?:gmail|googlemail)\.com",
        "Have Parley fetch it from imap.gmail.com with an app password, or forward it; Gmail sends a confirmation first.",
        imap_host="imap.gmail.com",
        password="An app password, not that of the account: it is made in the settings of the Google account, once two-step "
        "verification is on.",
    ),
    PublicProvider(
        "Microsoft",
        rf"hotmail\.{COUNTRY}|msn\.com|live\.(?:com(?:\.au)?|{EUROPE}|ca|cn|jp)"
        rf"|outlook\.(?:com(?:\.(?:ar|au|br|tr|vn))?|{EUROPE}|jp|kr|in|sg|ph|my)",
        "Forward it. It can't be fetched, since Microsoft takes no passwords there.",
    ),
    PublicProvider(
        "Yahoo",
        rf"yahoo\.{COUNTRY}|(?:ymail|rocketmail)\.com",
        "Have Parley fetch it from imap.mail.yahoo.com with an app password. Yahoo forwards mail of paying customers only.",
        imap_host="imap.mail.yahoo.com",
        password=APP_PASSWORD,
    ),
    PublicProvider(
        "AOL",
        rf"aol\.(?:com|{EUROPE})|aim\.com",
        "Have Parley fetch it from imap.aol.com with an app password.",
        imap_host="imap.aol.com",
        password=APP_PASSWORD,
    ),
    PublicProvider(
        "Apple",
        r"(?:icloud|me|mac)\.com",
        "Have Parley fetch it from imap.mail.me.com with an app-specific password, or forward it.",
        imap_host="imap.mail.me.com",
        password=APP_PASSWORD,
    ),
    PublicProvider(
        "GMX",
        r"gmx\.(?:net|de|at|ch)",
        "Have Parley fetch it from imap.gmx.net, once IMAP is switched on in its settings.",
        imap_host="imap.gmx.net",
    ),
    PublicProvider(
        "GMX",
        r"gmx\.(?:com|us|co\.uk|fr|es)",
        "Have Parley fetch it from imap.gmx.com, once IMAP is switched on in its settings.",
        imap_host="imap.gmx.com",
    ),
    PublicProvider(
        "WEB.DE",
        r"web\.de",
        "Have Parley fetch it from imap.web.de, once IMAP is switched on in its settings.",
        imap_host="imap.web.de",
    ),
    PublicProvider(
        "Proton",
        r"proton\.me|protonmail\.(?:com|ch)|pm\.me",
        "Forward it, which Proton allows paying customers. It can't be fetched: its IMAP works on one's own computer only.",
    ),
    PublicProvider("Yandex", r"yandex\.(?:com|ru|by|kz|ua|com\.tr)|ya\.ru"),
    PublicProvider("Mail.ru", r"(?:mail|bk|list|inbox)\.ru"),
    PublicProvider("Tencent", r"(?:qq|foxmail)\.com"),
    PublicProvider("NetEase", r"(?:163|126)\.com|yeah\.net"),
    PublicProvider("Telekom", r"t-online\.de|magenta\.de"),
    PublicProvider("mail.com", r"mail\.com|email\.com"),
    PublicProvider("Zoho", r"zohomail\.(?:com|eu|in)|zoho\.com"),
    PublicProvider("Orange", r"orange\.fr|wanadoo\.fr"),
    PublicProvider("Comcast", r"comcast\.net"),
    PublicProvider("Naver", r"naver\.com"),
]
DOMAINS = re.compile("|".join(f"({one.domains})" for one in PROVIDERS), re.IGNORECASE)
"""One group for each provider, in their order; there is no other group in it."""


def provider_of(domain: str) -> PublicProvider | None:
    """Return the provider at whose domain anybody has an address, or None."""
    found = DOMAINS.fullmatch(domain)
    return PROVIDERS[found.lastindex - 1] if found and found.lastindex else None


def hint_about(domain: str) -> str | None:
    """Return why a domain can't be verified by whoever has an address there, and what to do; None where it can."""
    found = provider_of(domain)
    return NO_RECORDS.format(domain=domain, provider=found.name, way=found.way) if found else None
