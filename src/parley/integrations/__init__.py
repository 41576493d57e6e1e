"""Other programs: what happens in a project is sent to them, or asked of them."""
