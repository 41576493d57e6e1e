"""What a server still needs before mail leaves it, and mail from the internet finds it."""

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from parley.kernel.config.settings import Settings


def is_this_machine(host: str) -> bool:
    """Say whether a host is a name or an address that means another machine to everybody else."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def missing_for_mail(settings: Settings) -> Sequence[str]:
    """Return the variables that whoever runs the server has to set, by name."""
    has_site = not is_this_machine(urlsplit(settings.site_url).hostname or "localhost")
    smtp_host = urlsplit(settings.smtp_url or "").hostname or "localhost"
    is_there = {
        "PARLEY_SMTP_URL": settings.smtp_url is not None,
        "PARLEY_SITE_URL": has_site,
        "PARLEY_INBOUND_DOMAIN": not is_this_machine(settings.inbound_domain),
        "PARLEY_SPF_MECHANISM": bool(settings.spf_mechanism) or has_site or not is_this_machine(smtp_host),
    }
    return [name for name, is_set in is_there.items() if not is_set]
