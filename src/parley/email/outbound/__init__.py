"""Mail to customers: answers of the team go out, exactly once per recipient, and what becomes of them is known.

An answer emits `ticket.answered`; it is planned as mails, and one piece of work per project hands them over. Owns
`outbound_email` (one mail), `outbound_email_message` (the messages in it), `outbound_recipient`, `outbound_address` (to
which nothing is sent any more) and `outbound_queue` (who is sending for a project, and since when its brake is loose).
"""
