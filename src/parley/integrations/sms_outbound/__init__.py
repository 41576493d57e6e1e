"""Text messages that go out: answers on their way to customers who write by text message (docs/sms.md).

An answer emits `ticket.answered`; it is planned as messages, and one piece of work per customer hands them over. Owns
`sms_message`, `sms_queue` and `sms_brake`.
"""
