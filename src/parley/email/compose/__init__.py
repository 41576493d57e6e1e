"""Compose: the team begins a conversation by mail. Owns `composed_ticket`, what was composed a moment ago."""
