"""The brake, for admins: what goes out to customers, what is held, and letting it out or giving it up."""
