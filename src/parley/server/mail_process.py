"""The process that takes mail in: `python -m parley.server.mail_process`, started by `parley serve`.

It is a process of its own, so that a flood of mail slows no request.
"""

import asyncio
import signal

from parley.kernel.config.settings import Settings
from parley.kernel.process import leave
from parley.server.worker import end_with_the_supervisor


async def _serve(settings: Settings) -> None:
    from parley.email.smtp_listener.listener import SmtpListener
    from parley.kernel.logs import set_up_logs
    from parley.kernel.services import open_services

    set_up_logs()
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    listener = SmtpListener(open_services(settings))
    await listener.start()
    await asked.wait()
    await listener.stop()
    leave()


def main() -> None:
    """Listen until SIGTERM, SIGINT, or the end of the process that has started this one."""
    end_with_the_supervisor()
    asyncio.run(_serve(Settings.from_env(may_write=False)))


if __name__ == "__main__":
    main()
