"""A Dovecot of its own on loopback, from Debian; everybody signs in with the password `secret`."""

import imaplib
import shutil
import time
from pathlib import Path

from tests.servers import Server, ServerFailed

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 0
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot(Server):
    """An IMAP server; `certificate` is a file for STARTTLS."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        super().__init__(folder)
        names = {"user": "dovecot", "group": "dovecot"}
        folder.chmod(0o755)
        files = f"ssl_cert = <{certificate}\nssl_key = <{certificate}" if certificate else ""
        text = CONFIG.format(
            folder=folder, port=self.port, ssl="yes" if certificate else "no", certificate=files, **names
        )
        (folder / "dovecot.conf").write_text(text)
        (folder / "mail").mkdir()
        shutil.chown(folder / "mail", "dovecot", "dovecot")

    def command(self) -> list[str]:
        """Return the command line: in the foreground, with a configuration of its own."""
        program = shutil.which("dovecot", path="/usr/sbin:/usr/bin")
        if program is None:
            raise ServerFailed("dovecot is not installed.")
        return [program, "-F", "-c", str(self.folder / "dovecot.conf")]

    def is_ready(self) -> bool:
        """Say whether somebody can sign in."""
        try:
            with self.mailbox("ready") as client:
                client.logout()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def mailbox(self, user: str) -> imaplib.IMAP4:
        """Return a connection of that user, as their mail program has one."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(user, "secret")
        return client

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder."""
        with self.mailbox(user) as client:
            for raw in mails:
                answer, words = client.append(folder, None, time.time(), raw)
                assert answer == "OK", words

    def flags(self, user: str) -> list[bytes]:
        """Return the flags of each mail in the folder of what comes in."""
        with self.mailbox(user) as client:
            client.select("INBOX", readonly=True)
            return [line for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]
