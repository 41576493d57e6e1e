"""The queries of insights as PostHog's clients write them, and what is wrong with one that can't be read (docs/insights.md).

There is no SQL and no table here: `read_query` makes structs of JSON, and `period_of` makes instants of a range of dates.
"""
