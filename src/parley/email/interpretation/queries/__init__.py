"""What the decision about a mail has to know: its sender, and the tickets that it names."""
