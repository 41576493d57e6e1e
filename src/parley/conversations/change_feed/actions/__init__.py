"""Changes: noted by whoever makes them, given their places by whoever reads them, forgotten after `CHANGES_KEPT_FOR`."""
