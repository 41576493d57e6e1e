"""The endpoints of the widget: its API, the configuration of the SDK, and the SDK's own files."""

from typing import Any

from parley.conversations.widget.routes.conversation import (
    list_tickets,
    read_thread,
    send_message,
    show_thread,
)
from parley.conversations.widget.routes.remote_config import show_config, show_config_script
from parley.conversations.widget.routes.sdk_files import send_file, send_versioned_file

handlers: list[Any] = [
    send_message,
    show_thread,
    list_tickets,
    read_thread,
    show_config,
    show_config_script,
    send_file,
    send_versioned_file,
]
