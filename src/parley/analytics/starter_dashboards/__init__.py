"""The dashboards that a project begins with: "Support" and "Customers". Owns `starter_dashboard`."""

STARTERS = "/api/projects/{project_id:str}/dashboards/starter"
