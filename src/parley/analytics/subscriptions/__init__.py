"""Subscriptions: an insight or a dashboard, mailed or posted at fixed times. Owns them; their deliveries stand above."""

SUBSCRIPTIONS = "/api/projects/{project_id:str}/subscriptions"
SUBSCRIPTION = SUBSCRIPTIONS + "/{subscription_id:str}"
