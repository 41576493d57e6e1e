"""From a query and its result to a chart. What visitors chose goes into the data of a chart and nowhere else."""
