"""The page of the inbox, and the stream by which it stays true."""
