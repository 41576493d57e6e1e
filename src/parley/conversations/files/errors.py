"""What can be wrong with a file."""

from parley.kernel.errors import AppError, Conflict, Invalid, TooLarge


class FileRefused(AppError):
    """A file can't be kept."""

    status, type = 413, "invalid_request"


class FileTooLarge(FileRefused):
    """One file is larger than a file may be."""

    code = "file_too_large"

    def __init__(self) -> None:
        super().__init__("A file may have 25 MB at most.", attr="file")


def too_large_or(error: AppError) -> AppError:
    """Return the same error, in words about files where a body is too large already by what it announces."""
    return FileTooLarge() if isinstance(error, TooLarge) else error


class StorageQuotaReached(FileRefused):
    """All files of the project together are larger than its quota."""

    code = "storage_quota_reached"

    def __init__(self, quota: str) -> None:
        super().__init__(
            f"The files of this project may have {quota} together, and this one doesn't fit in. "
            "Delete tickets that are not needed, or raise `storage_quota_mb` in the settings of the project."
        )


class TooManyFiles(Invalid):
    """A message has more files than it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"A message may have {most} files at most.", code="too_many_files", attr="file_ids")


class NoSuchUpload(Invalid):
    """A file to be attached doesn't exist, is somebody else's, or is on another message already."""

    def __init__(self) -> None:
        super().__init__(
            "A file of this id was not uploaded by you, is not complete, or is attached already. Upload it again.",
            code="does_not_exist",
            attr="file_ids",
        )


class UploadMismatch(Invalid):
    """What arrived is not what was announced."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The {what} of the content is not the one that was announced. Upload it again.",
            code="upload_mismatch",
            attr=what,
        )


class UploadComplete(Conflict):
    """The content of this upload has arrived already."""

    code = "upload_complete"
    default_detail = "The content of this file has arrived already, and a file never changes."
