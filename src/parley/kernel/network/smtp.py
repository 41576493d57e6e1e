"""Handing mails to the mail server: one connection, kept open from mail to mail, and what it says of each recipient."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import msgspec

from parley.kernel.network.smtp_server import smtp_server_of
from parley.kernel.text.forms import storable

if TYPE_CHECKING:
    from aiosmtplib import SMTP

COMMAND_S = 30.0
"""How long one command may take. RFC 5321, section 4.5.3.2, allows five minutes; nobody who is well needs them."""
DATA_S = 300.0
"""How long the server may think about a whole mail. Whoever gives up sooner sends it twice (RFC 1047)."""
GOODBYE_S = 2.0
MAX_ANSWER = 500


class Answer(msgspec.Struct, frozen=True):
    """What the server has said of one recipient: a code of RFC 5321 and its words."""

    code: int
    text: str

    @property
    def is_accepted(self) -> bool:
        return 200 <= self.code < 300

    @property
    def is_final(self) -> bool:
        """Whether asking again is of no use."""
        return self.is_accepted or self.code >= 500

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class NoAnswer(Exception):
    """The server said nothing of a mail; the text says what happened. The mail may have arrived, unless `is_away`.

    With `is_away` the server couldn't be reached, or fell silent before it was given the mail.
    """

    def __init__(self, text: str, *, is_away: bool) -> None:
        super().__init__(text)
        self.is_away = is_away


class MailServerConnection(Protocol):
    """Where mails are handed over, one at a time."""

    async def send(
        self, message_id: str, sender: str, recipients: Sequence[str], mail: bytes
    ) -> Mapping[str, Answer]:
        """Return an answer for each recipient; raises NoAnswer."""
        ...

    async def close(self) -> None: ...


def connection_to(smtp_url: str | None, data_dir: Path, site_url: str) -> MailServerConnection:
    """Return where mails go: the mail server of the settings, or the folder where none is set. Nothing happens yet."""
    if smtp_url is None:
        return MailFolder(data_dir / "mail")
    return SmtpConnection(smtp_url, urlsplit(site_url).hostname or "localhost")


WRITTEN = "Written to a file."
"""What is answered for each recipient where no mail server is set."""


class MailFolder:
    """Files instead of a server. A mail that comes twice is one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(
        self, message_id: str, sender: str, recipients: Sequence[str], mail: bytes
    ) -> Mapping[str, Answer]:
        """Write the mail into a file that is named after its id; raises NoAnswer, as for a server that is away."""
        name = "".join(letter if letter.isalnum() or letter in "-_.@" else "_" for letter in message_id)
        draft = self._folder / f".{name}.draft"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.write_bytes(mail)
            draft.replace(self._folder / f"{name}.eml")
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise NoAnswer(f"The mail can't be written to a file: {_words(error)}", is_away=True) from error
        return dict.fromkeys(recipients, Answer(250, WRITTEN))

    async def close(self) -> None:
        """Do nothing: files are closed already."""


class SmtpConnection:
    """A connection to the mail server, made when it is needed first. It is used by one task at a time."""

    def __init__(self, smtp_url: str, own_name: str) -> None:
        self._server = smtp_server_of(smtp_url)
        self._own_name = own_name
        self._client: SMTP | None = None

    async def send(
        self, message_id: str, sender: str, recipients: Sequence[str], mail: bytes
    ) -> Mapping[str, Answer]:
        """Hand over one mail and return what the server says of each recipient; raises NoAnswer.

        A server may have closed a connection that was kept: a mail that hasn't begun is begun again on a new one.
        """
        from aiosmtplib import SMTPException, SMTPResponseException

        was_open = self._client is not None and self._client.is_connected
        has_begun = False
        try:
            try:
                answers = await self._begin(sender, mail, recipients)
            except (SMTPException, OSError) as error:
                if not was_open or isinstance(error, SMTPResponseException):
                    raise
                self._drop()
                answers = await self._begin(sender, mail, recipients)
            has_begun = True
            return await self._hand_over(answers, recipients, mail)
        except SMTPResponseException as error:
            self._drop()
            return _for_all(recipients, error.code, error.message)
        except (SMTPException, OSError, UnicodeError) as error:
            self._drop()
            raise NoAnswer(_words(error), is_away=not has_begun) from error
        except BaseException:  # cancelled in the middle of something
            self._drop()
            raise

    async def _begin(self, sender: str, mail: bytes, recipients: Sequence[str]) -> dict[str, Answer]:
        """Say from whom and to whom a mail is; return what is refused, all of it where the sender is."""
        from aiosmtplib import SMTPRecipientRefused, SMTPSenderRefused

        client = await self._connected()
        refused: dict[str, Answer] = {}
        is_utf8 = not all(one.isascii() for one in (sender, *recipients))
        if is_utf8 and not client.supports_extension("smtputf8"):
            text = "This mail server takes no addresses with such letters (SMTPUTF8)."
            refused = {one: Answer(553, text) for one in recipients if not one.isascii()}
            is_utf8 = False
            if not sender.isascii() or len(refused) == len(recipients):
                return _for_all(recipients, 553, text)
        options = [f"SIZE={len(mail)}"] if client.supports_extension("size") else []
        options += ["SMTPUTF8"] if is_utf8 else []
        encoding = "utf-8" if is_utf8 else "ascii"
        try:
            await client.mail(sender, options=options, encoding=encoding)
        except SMTPSenderRefused as error:
            await self._after_refusal(error.code)
            return _for_all(recipients, error.code, error.message)
        for one in recipients:
            if one in refused:
                continue
            try:
                await client.rcpt(one, encoding=encoding)
            except SMTPRecipientRefused as error:
                refused[one] = Answer(error.code, _shortened(error.message))
        return refused

    async def _hand_over(
        self, refused: dict[str, Answer], recipients: Sequence[str], mail: bytes
    ) -> Mapping[str, Answer]:
        from aiosmtplib import SMTPDataError

        left = [one for one in recipients if one not in refused]
        if not left:
            await self._after_refusal(max(answer.code for answer in refused.values()))
            return refused
        assert self._client is not None
        try:
            taken = await self._client.data(mail, timeout=DATA_S)
            answer = Answer(taken.code, _shortened(taken.message))
        except SMTPDataError as error:
            await self._after_refusal(error.code)
            answer = Answer(error.code, _shortened(error.message))
        return refused | dict.fromkeys(left, answer)

    async def _after_refusal(self, code: int) -> None:
        """Forget the mail that was refused; a server that says 421 has closed the connection."""
        if code == 421 or self._client is None:
            self._drop()
            return
        with suppress(Exception):  # a connection that is lost is made anew for the next mail
            await self._client.rset()
            return
        self._drop()

    async def _connected(self) -> "SMTP":
        if self._client is not None and self._client.is_connected:
            return self._client
        self._client = self._server.client(self._own_name, COMMAND_S)
        await self._client.connect()
        await self._client.ehlo() if self._client.is_ehlo_or_helo_needed else None
        return self._client

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def close(self) -> None:
        """Say goodbye, if the server still listens."""
        if self._client is not None and self._client.is_connected:
            with suppress(Exception):
                await self._client.quit(timeout=GOODBYE_S)
        self._drop()


def _for_all(recipients: Sequence[str], code: int, text: str) -> dict[str, Answer]:
    return dict.fromkeys(recipients, Answer(code, _shortened(text)))


def _shortened(text: str) -> str:
    return " ".join(storable(text).split())[:MAX_ANSWER]


def _words(error: BaseException) -> str:
    return _shortened(f"{type(error).__name__}: {error}")
