"""Every change of persons."""
