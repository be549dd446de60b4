"""The API's document and its reader."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import openapi_spec_validator
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from api.document import exported
from api.edge import HEALTH_CHECKS
from shared.wire import camel
from tests.api.conftest import MakeClient

_ASSET = re.compile(r"""(?:src|href)\s*=\s*["']([^"']+)["']""")
_ELSEWHERE = re.compile(r"""(?:src|href|url|@import)\s*[=:(]?\s*["'(]?\s*((?:https?:)?//[^"')\s]+)""")


@pytest.fixture
def page(client: FlaskClient) -> str:
    answer = client.get("/api/docs", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    return answer.text


def test_the_reader_loads_nothing_from_elsewhere(page: str) -> None:
    assert _ELSEWHERE.findall(page) == []


def test_the_readers_own_files_are_there(client: FlaskClient, page: str) -> None:
    assets = [urljoin("/api/docs/", found) for found in _ASSET.findall(page) if not found.startswith("#")]

    assert [asset for asset in assets if asset.endswith(".js")]
    assert [asset for asset in assets if asset.endswith(".css")]
    for asset in assets:
        answer = client.get(asset)
        assert answer.status_code == 200, asset
        assert len(answer.data) > 0
        if asset.endswith(".css"):
            assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", answer.text)


def test_the_reader_asks_nobody_to_validate_the_document(page: str) -> None:
    assert "validator.swagger.io" not in page


def test_the_reader_shows_this_servers_document(page: str) -> None:
    assert "/api/docs.json" in page


@pytest.mark.parametrize("path", ["/api/docs.json", "/api/docs/swagger.json"])
def test_the_document_is_where_clients_look_for_it(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.json["openapi"].startswith("3.")
    assert answer.json == client.get("/api/docs.json").json


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/"])
def test_the_reader_is_where_people_look_for_it(client: FlaskClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 200


def test_every_route_is_documented_with_a_summary(client: FlaskClient) -> None:
    paths = client.get("/api/docs.json").json["paths"]
    routes = {
        (camel(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)), method.lower())
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1") or rule.rule in HEALTH_CHECKS | {"/ws"}
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }

    documented = {(path, method) for path, item in paths.items() for method in item if method != "parameters"}

    assert documented == routes
    for path, method in documented:
        assert paths[path][method]["summary"].endswith(".")


def test_no_route_promises_a_status_that_is_never_sent(client: FlaskClient) -> None:
    # What is wrong with a request is answered by 400, never by 422.
    paths = client.get("/api/docs.json").json["paths"]

    promised = {
        (method, path)
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters" and "422" in operation["responses"]
    }

    assert promised == set()


def test_every_reference_in_the_document_leads_somewhere(client: FlaskClient) -> None:
    answer = client.get("/api/docs.json")

    for reference in set(re.findall(r'"\$ref":\s*"#/([^"]+)"', answer.text)):
        place = answer.json
        for part in reference.split("/"):
            place = place[part]


def test_the_document_does_not_name_the_machine(make_client: MakeClient, tmp_path: object) -> None:
    text = make_client().get("/api/docs.json").text

    assert str(tmp_path) not in text
    assert "postgresql" not in text


def _types(known: dict[str, Any]) -> set[str]:
    named = known.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def test_every_plain_value_has_an_example_that_fits_it(client: FlaskClient) -> None:
    schemas = client.get("/api/docs.json").json["components"]["schemas"]

    for name, schema in schemas.items():
        for key, known in schema.get("properties", {}).items():
            if known.keys() & {"$ref", "enum", "const", "anyOf"} or {"array", "boolean"} & _types(known):
                continue
            assert "example" in known, f"{name}.{key}"
            Draft202012Validator(known).validate(known["example"])


def test_texts_that_no_database_stores_are_not_promised_to_be_taken(client: FlaskClient) -> None:
    parameters = client.get("/api/docs.json").json["paths"]["/api/v1/search"]["get"]["parameters"]

    (query,) = [parameter for parameter in parameters if parameter["name"] == "query"]
    assert re.search(query["schema"]["pattern"], "Amélie\n")
    assert not re.search(query["schema"]["pattern"], "Amélie\0")


def test_the_document_is_a_valid_one(client: FlaskClient) -> None:
    openapi_spec_validator.validate(client.get("/api/docs.json").json)


def test_no_two_operations_share_a_name(client: FlaskClient) -> None:
    paths = client.get("/api/docs.json").json["paths"]

    names = [
        operation["operationId"] for item in paths.values() for key, operation in item.items() if key != "parameters"
    ]

    assert len(names) == len(set(names))


def test_the_document_that_is_checked_in_is_the_one_that_is_served(client: FlaskClient) -> None:
    checked_in = (Path(__file__).parent.parent.parent / "docs" / "openapi.json").read_text()

    assert checked_in == exported(client.application), "run: dester openapi --output docs/openapi.json"
