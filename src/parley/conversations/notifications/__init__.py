"""Notifications: mails to members of the team about new conversations.

A project's settings name the recipients (`notification_recipients`). The first message of a customer on a ticket emits
`ticket.first_message_received`; from then on everything happens in the background. Owns `first_message_notice`, the
conversations that are still to be mailed, and `first_message_digest`, the time
of the last mails. A digest is one mail about several conversations: whatever comes in the pause after a mail is in it.
"""
