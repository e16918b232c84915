import pytest

from mockserver.contract.path_matcher import PathMatch, PathMatcher


@pytest.fixture
def matcher() -> PathMatcher[str]:
    matcher = PathMatcher[str]()
    for template in ("/ws", "/ws/types/count", "/ws/types/{slug}", "/ws/types/{slug}/fields/{id}", "/{any}/rest"):
        matcher.add(template, template)
    return matcher


@pytest.mark.parametrize(
    ("path", "template", "keys"),
    [
        ("/ws", "/ws", {}),
        ("/ws/types/count", "/ws/types/count", {}),
        ("/ws/types/c%6Funt", "/ws/types/count", {}),
        ("/ws/types/a%2Fb", "/ws/types/{slug}", {"slug": "a%2Fb"}),
        ("/ws/types/count/fields/7", "/ws/types/{slug}/fields/{id}", {"slug": "count", "id": "7"}),
        ("/ws/rest", "/{any}/rest", {"any": "ws"}),
    ],
)
def test_match__finds_template_and_keys(
    matcher: PathMatcher[str], path: str, template: str, keys: dict[str, str]
) -> None:
    assert matcher.match(path) == PathMatch(template, keys)


@pytest.mark.parametrize("path", ["", "/", "/ws/", "/ws/types/", "/ws/types/count/", "/ws//types", "/WS", "//rest"])
def test_match__of_an_unknown_path_is_none(matcher: PathMatcher[str], path: str) -> None:
    assert matcher.match(path) is None


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("/ws/typs/count", "/ws/types/count"),
        ("/ws/typs", "/ws/types/count"),
        ("/ws/types/", "/ws/types/count"),
        ("/ws/types/x/field/7", "/ws/types/{slug}/fields/{id}"),
        ("/ws/tipes/x/field/7", "/ws/types/{slug}/fields/{id}"),
        ("/ws/fields/7", "/ws/types/{slug}/fields/{id}"),
        ("/api/v1/ws/types/x", "/ws/types/{slug}"),
        ("/ws/types/x/fields/7/more", ""),
        ("/", "/ws"),
        ("/nothing-like-it/x/y", ""),
    ],
)
def test_suggest__names_the_closest_template(matcher: PathMatcher[str], path: str, suggestion: str) -> None:
    assert matcher.suggest(path) == suggestion


def test_suggest__without_templates_names_none() -> None:
    assert PathMatcher[str]().suggest("/ws") == ""
