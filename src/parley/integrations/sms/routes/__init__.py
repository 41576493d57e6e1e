"""The endpoints of text messages: what Twilio posts, and what the team reads and changes."""

from typing import Any

from parley.integrations.sms.routes import channels, from_twilio

handlers: list[Any] = [*channels.handlers, *from_twilio.handlers]
