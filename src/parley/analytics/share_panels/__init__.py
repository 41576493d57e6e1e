"""How a recording, an insight or a dashboard is shared, by hand: beside it, or on a page of its own. Owns no table."""
