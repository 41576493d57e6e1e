"""What changes when programs ask for access, get it and lose it."""
