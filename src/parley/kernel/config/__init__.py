"""Settings: the variables that a server starts with, their values, and the data folder."""
