"""A form that was sent after its session had ended: its values travel through the sign-in page and are sent on.

Nothing is stored: the values stand in hidden fields of the person's own page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import request

#: Page's own fields that are not sent on.
OWN = frozenset({"csrf_token"})


def park() -> Mapping[str, object]:
    """Return what the sign-in page needs to keep the current post."""
    pairs = [(name, text) for name, text in request.form.items(multi=True) if name not in OWN]
    return {"next": safe_path(request.path), "parked": json.dumps(pairs)}


def parked_pairs(text: str) -> list[tuple[str, str]]:
    """Return the pairs that `park` wrote; none when it was tampered with."""
    try:
        found = json.loads(text)
        return [(str(name), str(value)) for name, value in found]
    except (ValueError, TypeError):
        return []


def sign_in_address(back: str) -> str:
    """Return the sign-in page that leads back to *back* afterwards."""
    path = safe_path(back)
    return "/sign-in" if path == "/" else f"/sign-in?{urlencode({'next': path})}"


def safe_path(path: str) -> str:
    """Return *path* when it is one of this site, else ``/``."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if is_ours and path.isprintable() else "/"
