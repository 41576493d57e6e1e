"""The endpoints of text messages: what Twilio posts, and what the team reads and changes."""

from typing import Any

from parley.email.compose.other_channels import TextChannel, offer_texts
from parley.email.reply_routes.other_channels import tell_hindrances
from parley.integrations.sms import SMS
from parley.integrations.sms.actions.composing import open_text_ticket, recipient_number, senders
from parley.integrations.sms.queries.hindrances import hindrance_of_text
from parley.integrations.sms.routes import channels, from_twilio

tell_hindrances(SMS, hindrance_of_text)
offer_texts(SMS, TextChannel(senders, recipient_number, open_text_ticket))

handlers: list[Any] = [*channels.handlers, *from_twilio.handlers]
