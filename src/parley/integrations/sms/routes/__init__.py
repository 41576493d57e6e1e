"""The endpoints of text messages: what Twilio posts, and what the team reads and changes."""

from typing import Any

from parley.email.reply_routes.other_channels import tell_hindrances
from parley.integrations.sms import SMS
from parley.integrations.sms.queries.hindrances import hindrance_of_text
from parley.integrations.sms.routes import channels, from_twilio

tell_hindrances(SMS, hindrance_of_text)

handlers: list[Any] = [*channels.handlers, *from_twilio.handlers]
