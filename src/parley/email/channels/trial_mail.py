"""The mail by which somebody sees that a channel works."""

from parley.email.channels.errors import NotSent, NotVerified
from parley.email.channels.queries import channel_to_change
from parley.email.channels.schemas import ConnectedChannel, EmailChannel
from parley.email.letters.composing import Letter, Said, mail_address, mail_of
from parley.email.letters.signing import SigningKey, signed
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.network.smtp import NoAnswer
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, Limit

PER_USER = Limit("email-test", 20, HOUR_S)
TEXT = (
    "This is a test from Parley. Mail from {address} goes out, signed by {domain}.\n\n"
    "Look into the details of this mail: SPF and DKIM should say `pass`."
)


async def send_test(services: Services, actor: Actor, channel_id: str) -> ConnectedChannel:
    """Mail the caller from a channel, now, and return the channel.

    Raises NotFound, PermissionDenied, Throttled, NotVerified, Invalid for a test address, and NotSent with what the mail
    server says.
    """
    async with services.database.transaction(write=False) as db:
        found = await channel_to_change(db, actor, channel_id)
    if found.channel.is_test:
        raise Invalid("This is a test address: nothing is sent from it.", attr="config_id")
    if not found.channel.is_verified:
        raise NotVerified
    await services.throttles.hit((PER_USER, str(actor.user_id)))
    to = mail_address(actor.principal.email)
    message_id = f"test.{new_uuid().hex}@{found.channel.domain}"
    connection = services.mailer.connection()
    try:
        sender = mail_address(found.channel.from_email)
        mail = _mail(services, actor, found.channel, message_id)
        answer = (await connection.send(message_id, sender, [to], mail))[to]
    except NoAnswer as error:
        raise NotSent(f"The mail server did not take the mail: {error}") from error
    finally:
        await connection.close()
    if not answer.is_accepted:
        raise NotSent(f"The mail server refused the mail: {answer}")
    return found


def _mail(services: Services, actor: Actor, channel: EmailChannel, message_id: str) -> bytes:
    now = services.clock.now()
    text = TEXT.format(address=channel.from_email, domain=channel.domain)
    letter = Letter(
        from_name=channel.from_name,
        from_email=channel.from_email,
        to=actor.principal.email,
        subject=f"Test of {channel.from_email}",
        message_id=message_id,
        at=now,
        said=[Said(text, None, channel.from_name, now)],
        is_automatic=True,
    )
    private_key = services.vault.decrypt(channel.dkim_private_key)
    key = SigningKey(channel.domain, channel.dkim_selector, private_key)
    return signed(mail_of(letter).as_bytes(), key, now)
