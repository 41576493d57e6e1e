"""Text messages: numbers of connected Twilio accounts as a channel, in and out (docs/sms.md).

A message to a number becomes one of a ticket with `channel_source` `sms`. An answer emits `ticket.answered`; it is planned
as messages to its customer, and one piece of work per customer hands them over. Owns `sms_channel`, `sms_contact`,
`sms_thread`, `sms_inbound`, `sms_start`, `sms_suppression` and `sms_suppression_key`.
"""

SMS = "sms"
INBOUND_PATH = "/api/conversations/v1/sms/inbound"
STATUS_PATH = "/api/conversations/v1/sms/status"
