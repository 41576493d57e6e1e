"""The page on which people decide what a program may do, and those on which they see and end it."""

from parley.accounts.oauth_server.pages import connected, consent

handlers = [*consent.handlers, *connected.handlers]
