"""The demo project: its texts, and the function that fills a project with them."""
