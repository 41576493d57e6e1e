"""What stands beside a conversation: its fields, its people, and what is known of the customer."""
