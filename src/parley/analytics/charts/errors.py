"""What can go wrong while a chart is drawn."""


class ChartNotDrawn(Exception):
    """The drawing process went beyond its limits or doesn't know what to do with a description; the text is why."""
