"""What is asked of LinkedIn, and what may be asked."""

from typing import Any
from urllib.parse import urlencode

from parley.kernel.errors import Invalid

KIND_NAME = "linkedin-ads"
PAGE_SIZE = 100
MOST_PAGES = 50
"""So many pages are read at most: 5,000 accounts, or rules of one account."""
RULE_FIELDS = "conversionMethod,enabled,type,name,id,campaigns,attributionType"


def check_account_id(given: str | None) -> str:
    """Return the number of an advertising account; raises Invalid for what is none."""
    if not given:
        raise Invalid("This field is required.", code="required", attr="accountId")
    if not (given.isascii() and given.isdigit() and len(given) <= 19):
        raise Invalid("Enter the number of an advertising account.", attr="accountId")
    return given


def accounts_path(**page: Any) -> str:
    """Return the path of a page of advertising accounts."""
    return f"/rest/adAccounts?{urlencode({'q': 'search', **page})}"


def rules_path(account_id: str, **page: Any) -> str:
    """Return the path of a page of the conversion rules of an account."""
    query = {
        "q": "account",
        "account": f"urn:li:sponsoredAccount:{account_id}",
        "fields": RULE_FIELDS,
        **page,
    }
    return f"/rest/conversions?{urlencode(query)}"
