"""What the form of an insight offers, and what query it means."""
