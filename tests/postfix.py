"""A Postfix of its own, from Debian, which brings all mail to one server; it needs root."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers import Server

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
relayhost = [127.0.0.1]:{port}
smtp_tls_security_level = encrypt
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
minimal_backoff_time = 1s
queue_run_delay = 1s
"""
MASTER = Path("/usr/share/postfix/master.cf.dist")


def is_installed() -> bool:
    """Say whether it can be started here."""
    return os.geteuid() == 0 and MASTER.exists() and shutil.which("postfix", path="/usr/sbin") is not None


class Postfix(Server):
    """A mail server that listens nowhere, takes mail from `send`, and insists on encryption."""

    def __init__(self, folder: Path, relay_port: int) -> None:
        super().__init__(folder)
        folder.chmod(0o755)
        for name in ("queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        (folder / "main.cf").write_text(MAIN.format(folder=folder, port=relay_port))
        lines = MASTER.read_text().replace("       y       -", "       n       -").splitlines()
        own = [line for line in lines if not line.startswith("smtp      inet")]
        (folder / "master.cf").write_text(
            "\n".join([*own, "postlog   unix-dgram n  -       n       -       1       postlogd", ""])
        )
        # It makes the folders of the queue.
        subprocess.run(["/usr/sbin/postfix", "-c", str(folder), "check"], check=True, capture_output=True)

    def command(self) -> list[str]:
        """Return the command line of its first process, in the foreground: `postfix start-fg` leaves that behind."""
        return ["/usr/lib/postfix/sbin/master", "-c", str(self.folder), "-s"]

    def is_ready(self) -> bool:
        """Say whether it takes mail."""
        return (self.folder / "queue" / "public" / "pickup").exists()

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hand it a mail, as a program on the same machine does."""
        command = ["/usr/sbin/sendmail", "-C", str(self.folder), "-f", sender, recipient]
        subprocess.run(command, input=mail, check=True, capture_output=True)
