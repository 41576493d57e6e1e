"""What every feature stands on: the database, settings, errors, access, jobs, cache, live updates."""
