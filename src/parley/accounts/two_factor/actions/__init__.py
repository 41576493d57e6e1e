"""Setting up what somebody has beside a password, and taking it as proof."""
