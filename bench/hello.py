"""The bare Flask route that everything is compared with."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/hello")
def hello() -> str:
    """Return a word."""
    return "hello"
