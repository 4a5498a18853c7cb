"""Every write of imports: a file comes, is rehearsed, becomes a batch, goes."""

from incidents.imports.operations.importing import end_import, import_some
from incidents.imports.operations.keeping import (
    discard,
    forget_dry_run,
    forget_file,
    forget_findings,
    map_columns,
    note_preview,
    take_mapping,
    upload,
)
from incidents.imports.operations.rehearsing import end_rehearsal, rehearse_some
from incidents.imports.operations.starting import cancel, rehearse, start

__all__ = [
    "cancel",
    "discard",
    "end_import",
    "end_rehearsal",
    "forget_dry_run",
    "forget_file",
    "forget_findings",
    "import_some",
    "map_columns",
    "note_preview",
    "rehearse",
    "rehearse_some",
    "start",
    "take_mapping",
    "upload",
]
