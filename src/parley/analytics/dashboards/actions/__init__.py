"""Changing dashboards and their tiles."""
