"""Projects: their settings, and the tokens and secrets by which widgets, SDKs and webhooks know them.

Writes `project`, also for features above: whether it has webhooks or access levels (`actions/flags.py`).
"""
