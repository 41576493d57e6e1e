"""Tests of the dashboards that a project begins with."""
