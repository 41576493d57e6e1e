"""Files: what people attach to messages. Content lies in the storage of objects, and a row says what it is.

A file belongs to one message, and whoever may see the message may see the file: it has no ticket and no rights of its own,
so that merging, splitting and un-merging carry it along. Until it is attached it is its uploader's, for a day, or for
as long as a draft has it. Owns `file`, `drafted_file` and `file_usage`.
Image work is in `thumbnails`, the names and types that strangers give in `rules`.
"""

API_TAG = "files"  # in the OpenAPI document
FILES = "/api/projects/{project_id:str}/conversations/files"
