"""What is wrong with a file, and where."""

from __future__ import annotations

from django.utils.translation import gettext as _


class Fault(ValueError):  # noqa: N818  said of a file, not of the program
    """One thing that is wrong. ``line`` counts from 1; None where no line is to blame."""

    def __init__(self, sentence: str, *, line: int | None = None, file: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line = line
        self.file = file

    def in_file(self, file: str) -> Fault:
        return Fault(self.sentence, line=self.line, file=self.file or file)

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file}: {self.sentence}" if self.file else self.sentence
        return _("%(file)s, line %(line)s: %(sentence)s") % {
            "file": self.file,
            "line": self.line,
            "sentence": self.sentence,
        }


class Faulty(ValueError):  # noqa: N818
    """All that is wrong with a set of files, so that one run shows everything."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
