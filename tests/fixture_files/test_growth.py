"""`mockserver seed`: larger fixtures that are as good as those they grow from."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.asgi_client import AsgiClient
from tests.invocation import invoke

Server = Callable[..., AsgiClient]


def seed(folder: Path, *options: str) -> Result:
    return invoke("seed", "--out", str(folder), *options)


def test_seed__makes_as_many_records_as_asked_for(server: Server, tmp_path: Path) -> None:
    result = seed(tmp_path / "big", "--items", "400", "--members", "40", "--quick-tasks", "20", "--locale", "ja_JP")
    assert (result.exit_code, result.stderr) == (0, "")
    state = server(fixtures=tmp_path / "big").get("/_mock/state").json()
    assert [len(state[name]) for name in ("items", "members", "quick_tasks")] == [400, 40, 20]
    in_start_stages = [item for item in state["items"][150:] if item["stage"] is not None]
    made = {task["item"] for task in state["schedule_tasks"]}
    assert {item["id"] for item in in_start_stages} <= made


def test_seed__is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name, number in (("a", "5"), ("b", "5"), ("c", "6")):
        seed(tmp_path / name, "--items", "200", "--seed", number)
    a, b, c = ((tmp_path / name / "items.yaml").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--members", "30", "--locale", "xx_YY"],
            "locale xx_YY: Faker has no such locale. Fix: name one such as pt_BR.",
        ),
        (["--fixtures", ".", "--quick-tasks", "1"], "--quick-tasks: the fixtures have none to vary. Fix: add one to"),
        (
            ["--out", "file/new"],
            "file/new: it cannot be written: Not a directory. Fix: name another folder with --out.",
        ),
    ],
)
def test_seed__that_is_impossible_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    result = seed(tmp_path / "new", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"mockserver: {message}")


def test_seed__leaves_a_folder_with_files_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    result = seed(tmp_path)
    assert result.exit_code == 2
    assert result.stderr == f"mockserver: {tmp_path}: it exists already. Fix: name a new folder with --out.\n"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
