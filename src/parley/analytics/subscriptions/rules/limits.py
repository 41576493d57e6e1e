"""How much and how often: the numbers of subscriptions."""

from datetime import timedelta

from parley.kernel.throttle import HOUR_S, Limit

MOST_SUBSCRIPTIONS = 1000
"""That one project keeps, deleted ones left out."""
MOST_ADDRESSES = 100
"""That one subscription mails to."""
MOST_SELECTED = 6
"""Insights of a dashboard that can be named one by one."""

BUFFER = timedelta(minutes=15)
"""A schedule that was just written begins no sooner than after this."""
LATEST = timedelta(hours=24)
"""What couldn't be delivered for so long isn't delivered any more."""

UNASKED_LIMIT = Limit("subscription_unasked_mails", 500, HOUR_S)
"""Of mails that no schedule causes (invitations, tests), per project: nobody can bomb strangers with them."""
