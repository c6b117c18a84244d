"""Why a department, a post or an absence cannot be as somebody wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class DirectoryFault:
    """What is wrong: the name of the control, the id of a sentence, what it says."""

    control: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
