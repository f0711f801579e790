"""Every route that the app has, for tests that try each."""

from __future__ import annotations

import re

from app import app

#: (path, method) of each; OPTIONS, which a browser asks before a page's request, is open to everybody.
ROUTES = [(path, method) for path, by in app.routes.items() for method in by if method != "OPTIONS"]


def path_of(route: str, name: str = "0" * 32) -> str:
    """The path of a route, with one id at the place of a parameter."""
    return re.sub(r"\{\w+\}", name, route)


def parameters_of(route: str, name: str = "0" * 32) -> dict[str, str] | None:
    """The parameters in the path, as API Gateway sends them; None where there are none."""
    return dict.fromkeys(re.findall(r"\{(\w+)\}", route), name) or None
