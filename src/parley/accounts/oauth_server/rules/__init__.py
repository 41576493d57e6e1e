"""What is decided of programs that ask for access, without database and clock."""
