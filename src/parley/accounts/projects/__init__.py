"""Projects: their settings, and the tokens and secrets by which widgets, SDKs and webhooks know them."""
