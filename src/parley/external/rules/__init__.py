"""What the external API decides without looking at anything."""
