"""What is found while somebody types into the search field of the inbox: conversations, persons and articles."""
