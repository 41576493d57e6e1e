"""SELECTs of funnels: rows of steps, the ways through them, the best way of each actor, and what is told of these."""
