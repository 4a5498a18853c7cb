"""Files that come with a form: never larger than the most that any page takes, whoever sends them."""

from typing import Any, Final

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

MOST_BYTES: Final = 64 * 1024 * 1024


class Quota(FileUploadHandler):
    """Stops reading past the limit, so that no disk fills up. The form then lacks the file and what came behind it."""

    _bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._bytes += len(raw_data)
        if self._bytes > MOST_BYTES:
            self.request.was_upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Say whether a file of this form was not taken because of its size."""
    return getattr(request, "was_upload_too_large", False)
