"""Which changes there are, and what each of them causes."""
