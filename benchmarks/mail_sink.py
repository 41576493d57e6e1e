"""A mail server that takes everything, as a process of its own: `python -m benchmarks.mail_sink --port 2525`."""

import argparse
import asyncio

from tests.smtp_peer import SmtpPeer


async def serve(port: int) -> None:
    """Take mails until the end of the process."""
    peer = SmtpPeer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", port, limit=2**26)
    print(f"The sink is ready at smtp://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    asyncio.run(serve(parser.parse_args().port))
