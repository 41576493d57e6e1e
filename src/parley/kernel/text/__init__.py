"""The only forms of text: names, tags, search words, JSON of strangers, HTML."""
