"""Daily events of how many tickets of a project are unresolved, by age, so that this can be charted. Owns no table."""
