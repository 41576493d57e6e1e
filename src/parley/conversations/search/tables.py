"""The index of texts, which triggers keep (migrations 0004 and 0007); no metadata has it."""

from sqlalchemy import BigInteger, Integer, SmallInteger, Text, column, table

from parley.kernel.database.columns import Uuid

# What search looks through: a row for each message, under its ticket, one for the words of each ticket itself, and one
# for each other comment, under the UUID of zeros. `text` is folded (kernel/text/forms.py). Triggers keep it
# (migration 0004). PostgreSQL alone has `folding`, 0 until Python has folded the text; SQLite alone `place`, the rowid in
# the FTS5 table `search_index`.
search_text = table(
    "search_text",
    column("project_id", Integer),
    column("about_id", Uuid()),
    column("id", Uuid()),
    column("text", Text),
    column("folding", SmallInteger),
    column("place", BigInteger),
)
search_index = table("search_index", column("rowid", BigInteger))
