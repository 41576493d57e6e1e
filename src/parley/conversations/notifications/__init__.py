"""Notifications: mails to members of the team about what they should look at.

A customer's first message is told to the recipients in the project's settings (`notification_recipients`), an assigned
ticket to whom it is assigned, a private note to whom it mentions, and a customer's answer to whose ticket it is on. All
of it goes one way: the change emits an event, its handler notes it for each person, and in a quarter of an hour a person
gets at most one mail of a project. People turn off what they don't want. Owns `notification`, what is still to be mailed,
and `notification_digest`, when somebody was mailed last; `first_message_notice` and `first_message_digest` are of earlier
versions.
"""
