"""Endpoints and deliveries, read."""
