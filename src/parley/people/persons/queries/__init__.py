"""Every SELECT of persons."""
