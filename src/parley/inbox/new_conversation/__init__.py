"""The page on which the team begins a conversation: by mail, by text message, or in the chat widget."""
