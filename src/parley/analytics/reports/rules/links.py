"""Addresses in reports. They tell from where somebody comes."""

from urllib.parse import urlencode


def report_link(site_url: str, path: str, medium: str) -> str:
    """Return the address of a page, named in a report that goes by this medium, such as `email`."""
    query = {"utm_source": "parley", "utm_campaign": "subscription_report", "utm_medium": medium}
    return f"{site_url}{path}?{urlencode(query)}"
