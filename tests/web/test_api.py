"""The JSON API: one form, stable names, tags, and the same context as the page."""

import dataclasses
import re
import typing

import pytest

from goodoffices.web.pages import CONTEXTS

CASE = "/api/v1/own/mine"
DAY = "2003-08-01"


def test_a_reading_that_is_at_hand_is_not_sent_again(client):
    """The tag goes by case, day, changes and draws: the same question gives 304, another does not."""
    first = client.get(f"{CASE}/read", params={"at": DAY, "draws": 40})
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get(f"{CASE}/read", params={"at": DAY, "draws": 40}, headers=tag)
    other = client.get(f"{CASE}/read", params={"at": DAY, "draws": 41}, headers=tag)

    assert (first.status_code, again.status_code, again.text, other.status_code) == (200, 304, "", 200)


def test_a_change_changes_the_tag(client):
    """After a change of a fact that was known by the day, the old tag is old."""
    before = client.get(f"{CASE}/read", params={"at": DAY, "draws": 40})
    known = next(row["facts"][0] for row in before.json()["trust"] if row["facts"])
    made = client.post(f"{CASE}/changes", json={"changes": [{"op": "switch_off_fact", "target": known}]})
    after = client.get(
        f"{CASE}/read", params={"at": DAY, "draws": 40}, headers={"If-None-Match": before.headers["etag"]}
    )

    assert made.status_code == 201
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("page", CONTEXTS)
def test_the_context_of_every_page_is_there_as_data(client, page):
    """What a page shows is given as JSON, field for field."""
    given = client.get(f"{CASE}/pages/{page}", params={"at": DAY}).json()
    context = typing.get_type_hints(CONTEXTS[page])["return"]

    assert given["ok"] is True
    assert set(given["context"]) == {field.name for field in dataclasses.fields(context)}


@pytest.mark.parametrize("page", CONTEXTS)
def test_every_field_of_a_context_is_documented(page):
    """The docstring of a context tells of each of its fields, by name or by what it is."""
    context = typing.get_type_hints(CONTEXTS[page])["return"]
    fields = [field.name for field in dataclasses.fields(context)]
    told = set(re.findall(r"\w+", context.__doc__ or ""))

    assert [name for name in fields if name not in told] == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/own/nobody/read", 404),
        ("GET", f"{CASE}/read?at=1978-13-01", 422),
        ("GET", f"{CASE}/read?draws=0", 422),
        ("GET", f"{CASE}/read?audience=everybody", 422),
        ("GET", f"{CASE}/pages/nothing", 404),
        ("POST", f"{CASE}/undo", 422),
        ("GET", "/api/v1/nothing", 404),
    ],
)
def test_every_error_has_the_one_form(client, method, path, status):
    """ok, error, errors, status, and nothing of the program's insides."""
    answer = client.request(method, path)
    said = answer.json()

    assert answer.status_code == status
    assert set(said) == {"ok", "error", "errors", "status"}
    assert said["ok"] is False
    assert said["error"]
    assert "Traceback" not in answer.text


def test_the_version_is_told_to_everybody(client):
    """Program, code and API."""
    said = client.get("/api/v1/version").json()

    assert said["ok"] is True
    assert said["api"] == "v1"
