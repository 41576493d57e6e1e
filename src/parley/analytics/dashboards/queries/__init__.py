"""Reading dashboards and their tiles."""
