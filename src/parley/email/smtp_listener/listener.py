"""The socket of the SMTP door, opened and closed."""

import asyncio
import contextlib
import logging
import ssl

from parley.email.sender_verification.verification import name_of_server
from parley.email.smtp_listener.door import Door, DoorConnection
from parley.email.smtp_listener.limits import Admission
from parley.kernel.services import Services

RELOAD_S = 3600.0
"""How often the certificate is read anew, since those of most authorities last for weeks only."""
FINISH_S = 10.0


class SmtpListener:
    """Listens on `PARLEY_INBOUND_SMTP`, with STARTTLS where a certificate is set."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._admission = Admission()
        self._tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._reloading: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, which the system chooses where the settings say 0."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Open the socket; raises OSError."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # it would log every line of every stranger
        settings = self._services.settings
        host, port = settings.inbound_smtp or ("127.0.0.1", 0)
        name = name_of_server(settings.site_url)
        if settings.inbound_smtp_certificate:
            self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._load_certificate()
            self._reloading = asyncio.create_task(self._reload())
        door = Door(self._services, name)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: DoorConnection(door, self._admission, name, self._tls), host, port
        )

    def _load_certificate(self) -> None:
        settings = self._services.settings
        if self._tls is not None and settings.inbound_smtp_certificate is not None:
            self._tls.load_cert_chain(settings.inbound_smtp_certificate, settings.inbound_smtp_key)

    async def _reload(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_S)
            try:
                self._load_certificate()
            except OSError as error:  # it is being replaced at the moment, or broken: the one before goes on
                logging.getLogger(__name__).warning("certificate_not_read: %s", error)

    async def stop(self) -> None:
        """Let nobody in any more, and wait some seconds for mails that are being sent."""
        if self._reloading is not None:
            self._reloading.cancel()
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_S):
                await self._admission.is_idle.wait()
