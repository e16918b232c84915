"""Laws that a contract must obey: some before it is served, all of them for `mockserver lint`.

`laws` lists them; each is a small function in the file of its theme. `lint_problem`, `grammar` and `contract_index`
hold what the laws share. Nothing here knows Enspace or the command line.
"""

from mockserver.contract.lint.laws import check_servable, describe_laws, find_obstacles, lint
from mockserver.contract.lint.lint_problem import LintProblem

__all__ = ["LintProblem", "check_servable", "describe_laws", "find_obstacles", "lint"]
