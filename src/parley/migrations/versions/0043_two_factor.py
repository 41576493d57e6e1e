"""Authenticators, recovery codes, passkeys, and organizations that want a second factor"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime, Uuid

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def _of_user(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_user_id")
    return sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.add_column("user_account", sa.Column("two_factor_at", UtcDateTime))
    op.add_column(
        "organization", sa.Column("enforce_2fa", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.create_table(
        "totp",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("sealed_secret", sa.Text, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("last_step", sa.BigInteger),
        _of_user("totp"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totp")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("code_hash", sa.String(80), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime),
        _of_user("recovery_code"),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    _create_passkey()
    op.create_table(
        "sign_in_step",
        sa.Column("token_hash", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("challenge", sa.String(100)),
        sa.Column("n_tries", sa.Integer, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        _of_user("sign_in_step"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_step")),
    )
    op.create_index(op.f("ix_sign_in_step_user_id"), "sign_in_step", ["user_id"])
    op.create_index(op.f("ix_sign_in_step_expires_at"), "sign_in_step", ["expires_at"])


def _create_passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", Uuid, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("transports", Json, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("is_backed_up", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
        _of_user("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
