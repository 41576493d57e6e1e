"""How the tiles of a dashboard lie, and what buttons do to them."""
