"""The pages: Flask over the engine. `create_app` is the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from blankett.web import (
    access_policy,
    cookies,
    errors,
    htmx,
    layout,
    page_locale,
    request_unit,
    routes,
    security,
    templating,
)
from blankett.web.account import sign_in_limits
from blankett.web.account.failed_sign_ins import init_failures
from blankett.web.services import Services, start_services
from blankett.web.settings import Settings, SettingsError, settings_from_environment

__all__ = ["Settings", "SettingsError", "create_app", "settings_from_environment"]


class Pages(Flask):
    """Flask for views that are plain functions, as all of ours are."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return *func*: a dozen times a request Flask would ask whether it is a coroutine."""
        return func


def create_app(settings: Settings, services: Services | None = None) -> Flask:
    """Return the application for *settings*. Refuses to start with a view that has no policy, or with an old store.

    Tests pass *services* of their own, with their clock and store.
    """
    # Flask would look for a folder for instance files, and fail in an editable install; nothing here uses it.
    here = str(Path(__file__).parent)
    app = Pages("blankett.web", instance_path=here, static_folder="static", template_folder=None)
    _configure(app, settings)
    app.extensions["blankett"] = services or start_services(settings)
    htmx.init_htmx(app)
    security.init_security(app, secure=settings.secure_cookie)
    templating.init_templates(app)
    layout.init_shell(app)
    page_locale.init_reader(app)
    CSRFProtect(app)  # access_policy.enforce asks it, once it is known who is signed in
    cookies.init_cookies(app)
    sign_in_limits.init_attempts(app)
    init_failures(app)
    routes.register(app)
    request_unit.init_request_unit(app)
    access_policy.init_policies(app)
    errors.init_errors(app)
    errors.init_unsaved(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=[*settings.hosts] or None,  # `list` is a package of ours here
        SESSION_COOKIE_NAME="__Host-blankett" if settings.secure_cookie else "blankett",
        SESSION_COOKIE_SECURE=settings.secure_cookie,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.longest_hours),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        # A form may stay open for a day: its token lives as long as the browser's session does.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
    )
