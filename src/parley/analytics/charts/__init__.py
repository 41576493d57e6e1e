"""Charts: the picture of an insight's result, as a Vega-Lite description, PNG, SVG or PDF, and as a table of words.

Owns no table of the database.
"""
