"""Search: the index of texts, by which tickets and comments are found. Owns `search_text` and `search_index`.

It knows folded texts and under which id each is found, and nothing of the rows that they are of: tickets store theirs with
`IndexedInsert` and `index_text`, and `ticket_list` finds tickets by what `texts_with` selects.
"""
