"""Events with the persons who caused them, as every kind of insight reads them (docs/insights.md). It owns no table."""
