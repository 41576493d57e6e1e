"""The agents' inbox: the list of tickets, one of them beside it, and all that can be done there by hand.

It has no tables and no rules of its own: whatever it changes, it changes through the actions of other features.
`pages/list.py` is the list, `pages/address.py` says which list an address names, `pages/thread.py` and `pages/details.py`
show the ticket beside it.
"""
