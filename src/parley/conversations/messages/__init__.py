"""Messages: what the team writes on a ticket, as replies to the customer or as private notes; and comments on anything else.

All of them are comments, and messages are those with the scope `conversations_ticket`. They are written through two APIs:
that of a ticket's messages and that of comments. Actions of `tickets` store comments, since a message moves the
counters and the status of its ticket. What customers write comes in through `threads`. Owns
`note_mention`: whom notes mention.
"""

API_TAG = "tickets"  # in the OpenAPI document
