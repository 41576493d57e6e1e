"""The chat widget: the public API that PostHog's browser SDK talks to, its configuration, its files and a demo page.

`access.py` is what every request passes before it reaches a ticket. `rules/requests.py` reads a request into what it asks
for, and `threads` does it. Owns no table.
"""
