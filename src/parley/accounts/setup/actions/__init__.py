"""Two ways to make the first owner."""
