"""Session recordings: what a visitor did on a site, to be played back.

A recording is the row of one session of an SDK, and its blocks. A block is one batch of the recorder: an object in the
storage (gzip of JSON lines `[window id, rrweb event]`), and a row that says which times it covers. Owns `recording`,
`recording_block`, `recording_usage` and `recording_view`.
"""

RECORDINGS = "/api/projects/{project_id:str}/session_recordings"
RECORDING = RECORDINGS + "/{recording_id:str}"
