"""The page on which the team begins a conversation: by mail, or in the chat widget."""
