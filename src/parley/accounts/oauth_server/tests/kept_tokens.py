"""What a client of the MCP SDK stores."""

from typing import Any

from mcp.client.auth import TokenStorage


class Kept(TokenStorage):
    """What the client of the SDK stores between its starts."""

    tokens: Any = None
    client: Any = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info
