"""The pages of invitations: members with what is open, and the page where an invitation is accepted."""

from parley.accounts.invitations.pages import members, signup

handlers = [*members.handlers, *signup.handlers]
