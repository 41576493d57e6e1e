"""What is decided without a database: words, ranking, adapting an old answer, prompts."""
