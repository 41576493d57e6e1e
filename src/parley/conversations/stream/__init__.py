"""What changes in the conversations of a project, sent to programs as it happens, without gaps after a break."""
