"""From answers to the words, tables and files of a report."""
