"""What only the inbox asks for."""
