"""The data folder: what Parley makes there is for its own user alone."""

import contextlib
import os
import secrets
from pathlib import Path

from parley.kernel.config.values import SettingsError
from parley.kernel.database.url import is_sqlite, sqlite_file


def tighten(data_dir: Path, database_url: str) -> None:
    """Take away the rights of others on the files that Parley makes, such as those made by earlier versions.

    What belongs to another user is left alone; `parley doctor` names it.
    """
    for file in loose(data_dir, database_url):
        with contextlib.suppress(OSError):
            file.chmod(file.stat().st_mode & 0o700)


def loose(data_dir: Path, database_url: str) -> list[Path]:
    """Return the files and folders made by Parley which others than their owner may read or write.

    A database that isn't one of SQLite was named by mistake, and is somebody else's.
    """
    databases = [data_dir / "jobs.sqlite3"]
    if database_url.startswith("sqlite"):
        databases.append(sqlite_file(database_url))
    folders = [data_dir / "mail", data_dir / "files"]
    candidates = [
        data_dir / "secret_key",
        *(
            Path(f"{one}{end}")
            for one in databases
            if os.path.isfile(one) and is_sqlite(one)
            for end in ("", "-wal", "-shm", "-journal", ".lock")
        ),
        *folders,
        *folders[0].glob("*.eml"),
    ]
    ours = (one for one in candidates if one in folders or os.path.isfile(one))
    return [one for one in ours if os.access(one, os.F_OK) and one.stat().st_mode & 0o077]


def make_folder(folder: Path) -> None:
    """Make the data folder, for its owner alone, unless it is there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise SettingsError(
            f"PARLEY_DATA_DIR: {folder} cannot be a folder, since a file is in its place: name a folder."
        ) from error
    except OSError as error:
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} cannot be made ({error.strerror}): make it for the user that runs "
            "Parley, or name another one."
        ) from error


def check_folder(folder: Path) -> None:
    """Raise SettingsError unless the data folder can be read and written."""
    if not os.path.isdir(folder):
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} is not there: `parley serve` makes it, unless another one was meant."
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise SettingsError(
            f"PARLEY_DATA_DIR: the folder {folder} cannot be read and written: let the user that runs Parley do so "
            "(chmod, chown), or name another one."
        )


def secret_key_of(value: str | None, data_dir: Path, *, may_write: bool) -> str:
    """Return the secret key: the given one, or the one in the data folder, made there when it is missing."""
    if value is not None:
        if len(value.strip()) < 32:
            raise SettingsError("PARLEY_SECRET_KEY must have at least 32 characters.")
        return value
    file = data_dir / "secret_key"
    if not file.exists():
        if not may_write:
            raise SettingsError(
                f"The secret key {file} is not there: put it back from a backup, or, where there are no data yet, start "
                "`parley serve`, which makes one."
            )
        _make_key(file)
    try:
        key = file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"The secret key {file} cannot be read ({error.strerror}): let the user that runs Parley read it."
        ) from error
    except UnicodeDecodeError:
        key = ""
    if len(key) < 32:
        raise SettingsError(
            f"The secret key in {file} is damaged: it must be text of at least 32 characters. Put it back from a backup."
        )
    return key


def old_keys_of(value: str | None) -> tuple[str, ...]:
    """Return the keys with commas between; where the value has a line break, one on each line, for keys with commas."""
    given = value or ""
    parts = given.split("\n" if "\n" in given else ",")
    found = tuple(one.strip() for one in parts if one.strip())
    if any(len(one) < 32 for one in found):
        raise SettingsError(
            "PARLEY_OLD_SECRET_KEYS must be keys of at least 32 characters, with commas between or each on its own line."
        )
    return found


def _make_key(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
            out.flush()
            os.fsync(out.fileno())
        # A hard link fails when the name exists: of two processes that start at once both end up with one key.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise SettingsError(
            f"PARLEY_DATA_DIR: {file} cannot be written ({error.strerror}): make room, and let the user that runs Parley "
            "write there."
        ) from error
