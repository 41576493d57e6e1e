"""Rows of events as an answer: what a `DataTableNode` around an `EventsQuery` asks for. No table of its own."""
