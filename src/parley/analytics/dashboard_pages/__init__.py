"""The pages on which dashboards are listed, looked at and arranged. Owns no table."""
