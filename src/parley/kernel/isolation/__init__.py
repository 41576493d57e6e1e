"""Programs that do dangerous work in processes of their own, within limits of time and memory.

`pool.IsolatedPool` starts them when they are needed and uses them again; `program.serve` is what they run.
"""
