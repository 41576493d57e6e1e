"""Knowledge: what the team has written down, and answers that are suggested from it."""
