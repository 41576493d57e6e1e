"""Webhooks: what happens in a project, sent to the URLs that its admins name. Owns endpoints and deliveries."""
