"""The pages where agents work. They have no rules of their own: what they change goes through the actions of other areas."""
