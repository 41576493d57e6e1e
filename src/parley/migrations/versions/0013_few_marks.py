"""PostgreSQL's folding looks at few marks of a letter"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.text.search_terms import folding_in_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        has_icu = sa.text("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'")
        body = folding_in_sql(op.get_bind().execute(has_icu).first() is not None)
        # As it stands: a colon would begin a parameter.
        op.get_bind().exec_driver_sql(
            "CREATE OR REPLACE FUNCTION text_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
            f" AS $$ {body} $$"
        )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
