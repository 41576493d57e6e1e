"""Reading insights and what is kept of their answers."""
