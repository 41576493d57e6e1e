"""Dashboards: insights and texts side by side, as tiles. Owns `dashboard` and `dashboard_tile`."""

DASHBOARDS = "/api/projects/{project_id:str}/dashboards"
DASHBOARD = DASHBOARDS + "/{dashboard_id:str}"
