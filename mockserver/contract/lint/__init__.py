"""The laws that a contract is held to: some before it is served, all by `mockserver lint`.

`laws` lists them; each is one small function in the file of its theme. `finding`, `grammar` and `survey` hold what
the laws share. Nothing here knows Enspace or the command line.
"""

from mockserver.contract.lint.laws import check_servable, describe_laws, lint
from mockserver.contract.lint.problem import Finding

__all__ = ["Finding", "check_servable", "describe_laws", "lint"]
