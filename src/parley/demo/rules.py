"""What the demo data is made by."""

import random
from datetime import timedelta

LOAD, QUEUE = "demo.load_part", "demo"
"""The name of the work that makes a part of it, and its queue, in which nobody else's work waits."""

N_TICKETS, N_PEOPLE = 200, 90
SPAN = timedelta(days=30)
"""How far back conversations go."""
SEED = 20


def colleagues_domain(project_id: int) -> str:
    """Return how the addresses of the colleagues end who play in the demo of a project."""
    return f".{project_id}@demo.example"


def chance_of(*what: object) -> random.Random:
    """Return the randomness of one thing: the same each time, whatever was made before it."""
    return random.Random(f"{SEED} {what}")  # noqa: S311 - believable data, no secret
