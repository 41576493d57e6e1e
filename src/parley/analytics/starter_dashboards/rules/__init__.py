"""What the dashboards show that a project begins with."""
