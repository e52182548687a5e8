"""The OpenAPI document and its page: complete, sound, and true to the routes."""

import re
from html.parser import HTMLParser

import pytest
from jsonschema import Draft202012Validator

from minorguard.model import ids
from minorguard_service import inputs
from minorguard_service.problems import KINDS
from tests.service.world import World


@pytest.fixture(scope="module")
def world() -> World:
    """One world; nothing here changes it."""
    return World.make()


@pytest.fixture(scope="module")
def openapi(world: World) -> dict:
    """The document as it is served."""
    return world.call("GET", "/openapi.json").json


def operations(openapi: dict) -> list[tuple[str, str, dict]]:
    """All operations."""
    return [(method, path, one) for path, item in openapi["paths"].items() for method, one in item.items()]


def test_every_route_is_documented_and_the_other_way_round(world: World, openapi: dict) -> None:
    """The rules of Flask and the paths of the document are the same set."""
    routes = {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in world.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD"}
    }
    assert routes == {(method, path) for method, path, _ in operations(openapi)}


def test_every_operation_is_complete(openapi: dict) -> None:
    """An id of its own, words, answers, problems, and a credential unless it is public."""
    ids_seen = [one["operationId"] for _, _, one in operations(openapi)]
    assert sorted(set(ids_seen)) == sorted(ids_seen)
    for method, path, one in operations(openapi):
        assert one["summary"], path
        assert one["description"].endswith("."), path
        assert {status[0] for status in one["responses"]} >= {"2"}, path
        assert bool(one["security"]) == path.startswith("/v1/"), path
        assert not path.startswith("/v1/") or {"401", "403", "503"} <= set(one["responses"]), (method, path)


def test_every_schema_is_one(openapi: dict) -> None:
    """Each is sound by JSON Schema 2020-12, and every reference has its end."""
    schemas = openapi["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    assert {f"#/components/schemas/{name}" for name in schemas} >= set(references(openapi))
    assert openapi["openapi"] == "3.1.0"


def test_every_part_of_a_path_is_a_parameter(openapi: dict) -> None:
    """And there is no parameter of a path besides."""
    for method, path, one in operations(openapi):
        named = [parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"]
        assert re.findall(r"{(\w+)}", path) == named, (method, path)


def test_defaults_hold_by_their_schemas(openapi: dict) -> None:
    """What a value is when it is left out might have been sent."""
    defaults = with_defaults(openapi)
    assert len(defaults) > 20
    for schema in defaults:
        Draft202012Validator(schema).validate(schema["default"])


def with_defaults(node: object) -> list[dict]:
    """Every schema in the document that has a default."""
    if isinstance(node, dict):
        own = [node] if "default" in node and "type" in node else []
        return own + [one for value in node.values() for one in with_defaults(value)]
    return [one for value in node for one in with_defaults(value)] if isinstance(node, list) else []


def references(node: object) -> list[str]:
    """Every reference in the document."""
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [one for value in node.values() for one in references(value)]
    return [one for value in node for one in references(value)] if isinstance(node, list) else []


def test_examples_hold_by_their_schemas(openapi: dict) -> None:
    """Every body has an example, and it is a good one."""
    for _, path, one in operations(openapi):
        if "requestBody" in one:
            content = one["requestBody"]["content"]["application/json"]
            whole = {**content["schema"], "components": openapi["components"]}
            Draft202012Validator(whole).validate(content["example"])
            assert content["example"], path


def test_unknown_keys_are_refused_in_the_document_too(openapi: dict) -> None:
    """A reader of the schema learns what the service does."""
    assert openapi["components"]["schemas"]["SessionOpening"]["additionalProperties"] is False


def test_patterns_are_those_of_the_core() -> None:
    """The document's patterns and the core's rules are the same."""
    assert f"^{ids._SUBJECT.pattern}$" == inputs.SUBJECT_PATTERN
    assert f"^{ids._WORD.pattern}$" == inputs.WORD_PATTERN


def test_every_problem_code_is_documented(openapi: dict) -> None:
    """Each code that can be told stands with some call, but for those of no call at all."""
    text = str(openapi["paths"])
    assert {"no-route", "method-not-allowed"} == {code for code in KINDS if f"`{code}`" not in text}


class Page(HTMLParser):
    """Notes ids, inner links, and whatever would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {given["id"]} if "id" in given else set()
        self.links |= {given["href"]} if tag == "a" else set()
        self.loads += [tag] if tag in {"script", "img", "link", "iframe"} or "src" in given else []
        self.open += [tag] if tag not in {"meta", "br"} else []

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


def test_the_page_is_whole(world: World, openapi: dict) -> None:
    """Well-formed, every operation and schema has its place, every link its end, and nothing is loaded."""
    answer = world.call("GET", "/docs")
    page = Page()
    page.feed(answer.text)
    assert (page.open, page.loads) == ([], [])
    assert page.ids >= {one["operationId"] for _, _, one in operations(openapi)}
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    assert {"/openapi.json"} == {link for link in page.links if not link.startswith("#")}
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self' 'unsafe-inline'")


def test_every_line_for_curl_names_something_of_its_kind(world: World) -> None:
    """No place is left open, and no policy or list is called as a child is."""
    page = world.call("GET", "/docs").text
    paths = re.findall(r"http://127\.0\.0\.1:8000(\S+?)</pre>", page)
    assert len(paths) > 60
    assert not [
        path for path in paths if "{" in path or ("kid-1" in path and not path.startswith(("/v1/su", "/v1/se")))
    ]


def test_v1_is_never_kept(world: World) -> None:
    """`no-store` on every answer of the API, refusals too; keys may be kept a minute."""
    assert world.call("GET", "/v1/policies").headers["Cache-Control"] == "no-store"
    assert world.call("GET", "/v1/policies", key="x").headers["Cache-Control"] == "no-store"
    assert world.call("GET", "/.well-known/jwks.json").headers["Cache-Control"] == "public, max-age=60"
