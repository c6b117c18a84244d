"""Read a blueprint's text from a file that is named on the command line."""

from __future__ import annotations

from pathlib import Path

from blankett.cli.storage import fail


def read_source(file: Path) -> str:
    """Return the text of the file; end the command with its place when it is no UTF-8."""
    from blankett.engine.language.problems import Report
    from blankett.engine.language.yaml_reader import decode

    report = Report()
    text = decode(file.read_bytes(), file.name, report)
    if text is None:
        fail("\n".join(problem.line(str(file)) for problem in report.finished()), status=1)
    return text
