"""How the control API says no, where Connexion does: without secrets, and with a complete `Allow`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from starlette.exceptions import HTTPException

from mockserver.secrets import mask_text


def tell_problem(request: ConnexionRequest, problem: ProblemException) -> ConnexionResponse:
    """A problem may quote the caller, and one of Connexion's also the schema in the lines below."""
    problem.detail = mask_text(str(problem.detail or problem.title).partition("\n")[0])
    return problem.to_problem()


def teller_of(paths: Mapping[str, Mapping[str, Any]]) -> Callable[[ConnexionRequest, HTTPException], ConnexionResponse]:
    """Tells what no operation was found for. Of the methods of a path Connexion knows the first only."""

    def tell(request: ConnexionRequest, error: HTTPException) -> ConnexionResponse:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        headers = {"Allow": _allowed(paths, path)} if error.status_code == 405 else None
        told = ProblemException(status=error.status_code, title=error.detail, detail=error.detail, headers=headers)
        return told.to_problem()

    return tell


def _allowed(paths: Mapping[str, Mapping[str, Any]], path: str) -> str:
    """The methods of the path of the contract that fits best: literal segments win."""
    fitting = [template for template in paths if _fits(template.split("/"), path.split("/"))]
    methods = [method.upper() for method in paths[min(fitting, key=lambda template: template.count("{"))]]
    return ", ".join(sorted([*methods, "HEAD"] if "GET" in methods else methods))


def _fits(template: list[str], path: list[str]) -> bool:
    return len(template) == len(path) and all(
        part.startswith("{") or part == other for part, other in zip(template, path, strict=True)
    )
