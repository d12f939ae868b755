"""Who is let in, what he may do, and what stands on every answer."""

import json
import logging
import re
import shutil
import socket
import ssl
from pathlib import Path

import pytest

pytest.importorskip("fastapi")

from fastapi import FastAPI, File, Request, UploadFile
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.testclient import TestClient
from starlette.staticfiles import StaticFiles
from typer.testing import CliRunner

from goodoffices.archive import vault
from goodoffices.cli.app import app as command_line
from goodoffices.cli.app import run
from goodoffices.errors import (
    CaseError,
    Conflict,
    ConflictError,
    ExtraMissing,
    Fault,
    LockedError,
    NotFoundError,
    UsageError,
)
from goodoffices.web import audit as log
from goodoffices.web import passwords, serving
from goodoffices.web.app import create_app
from goodoffices.web.audit import audit
from goodoffices.web.envelope import CSP
from goodoffices.web.limits import Limits, limited
from goodoffices.web.passwords import add_user, remove_user
from goodoffices.web.safety import guard, needs, who_of
from goodoffices.web.sessions import Person, Session, Sessions
from goodoffices.web.settings import Settings

HERE = "http://127.0.0.1:8765"
OURS = {"Origin": HERE}
PASSWORD = "four quiet words here"
ERRORS = {
    "not_found": (NotFoundError("there is no such case"), 404),
    "usage": (UsageError("that is no day"), 422),
    "fault": (CaseError([Fault(file="evidence.csv", row=n, found="x", fix="y") for n in (1, 2)]), 422),
    "conflict": (ConflictError([Conflict(file="f", key="k", before=None, mine=None, theirs=None)]), 409),
    "locked": (LockedError("a wrong passphrase"), 423),
    "extra": (ExtraMissing("frames", "Parquet"), 501),
    "bug": (RuntimeError("Sadat said a secret"), 500),
}


def forms(app):
    """Routes that take something."""

    @app.post("/own/a/do/edit")
    @app.post("/api/v1/edit")
    async def edit(request: Request):
        form = await request.form()
        return {"got": len(form)}

    @app.post("/api/v1/raw")
    async def raw(body: dict):
        return {"got": len(body)}

    @app.post("/own/a/do/take")
    async def take(file: UploadFile = File()):  # noqa: B008 - as FastAPI has it
        return {"got": len(await file.read())}


def notes(app):
    """Routes that ask for a role, note something, or are counted."""

    @app.post("/own/a/do/purge")
    def purge(request: Request):
        needs(request, "owner")
        audit(request, "purge", ["f001"])
        return {}

    @app.post("/own/a/do/note")
    def note(request: Request):
        audit(request, "edit_fact", ["f001", "a whole sentence", "x" * 41, "m-7"])
        return {}

    @app.post("/own/a/do/plan")
    def plan(request: Request):
        limited(request, "plan")
        return {}


def small(settings, tmp_path):
    """An app with a route of every sort."""
    app = FastAPI(openapi_url=None)
    (tmp_path / "static").mkdir(exist_ok=True)
    (tmp_path / "static" / "a.css").write_text("a{}")
    app.mount("/static", StaticFiles(directory=tmp_path / "static"))

    @app.get("/")
    def cases(request: Request):
        return {"who": who_of(request), "role": request.state.person.role}

    @app.get("/api/v1/version")
    def version():
        return {"ok": True}

    @app.get("/fails/{name}")
    @app.get("/api/v1/fails/{name}")
    def fails(name: str):
        raise ERRORS[name][0]

    @app.get("/own/a/report/page.html")
    def preview():
        return HTMLResponse("", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "public"})

    @app.get("/stream")
    def stream():
        return StreamingResponse(iter(["a", "b"]))

    @app.get("/api/v1/number")
    def number(n: int):
        return n

    forms(app)
    notes(app)
    guard(app, settings)
    return app


@pytest.fixture
def open_app(tmp_path):
    def make(peer="127.0.0.1", base=HERE, headers=None, **settings):
        app = small(Settings(**settings), tmp_path)
        return TestClient(app, base_url=base, client=(peer, 5000), headers=headers, follow_redirects=False)

    return make


@pytest.fixture
def cheap(monkeypatch):
    """Hashes that cost nothing."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: hasher)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()


@pytest.fixture
def people(tmp_path, cheap):
    path = tmp_path / "people"
    for name, role in (("rea", "reader"), ("ana", "analyst"), ("own", "owner")):
        add_user(path, name, role, PASSWORD)
    return path


def log_in(client, name, password=PASSWORD, to="/"):
    return client.post("/login", data={"name": name, "password": password, "to": to}, headers=OURS)


# -- the address ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8765", "[::1]:8765", "LOCALHOST", "bench.example"])
def test_our_own_names_are_answered(open_app, host):
    """Loopback, the address that is listened at and the names that were allowed reach the pages."""
    client = open_app(hosts=("bench.example",))

    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.", 421),
        ("0.0.0.0:8765", 421),
        ("user@127.0.0.1", 400),
        ("127.0.0.1:8765:1", 400),
        ("", 400),
        ("a b", 400),
        ("[", 400),
    ],
)
def test_a_rebound_name_is_refused(open_app, host, status):
    """A foreign name that leads to this machine gets nothing, not even with the right token."""
    client = open_app(token="t")

    assert client.get("/open?token=t", headers={"Host": host}).status_code == status
    assert client.get("/open?token=t").status_code == 303


def test_two_hosts_are_none(open_app):
    """A request that names two hosts is refused."""
    client = open_app()

    assert client.get("/", headers=[("Host", "127.0.0.1"), ("Host", "evil.example")]).status_code == 400


def test_nobody_listens_to_others_unasked(tmp_path):
    """An address that others reach needs passwords or a proxy."""
    with pytest.raises(UsageError, match="--users"):
        small(Settings(host="0.0.0.0", token="t"), tmp_path)


# -- the opening link -----------------------------------------------------------------------------


def test_the_link_works_once(open_app):
    """The token is exchanged for a cookie, leaves the address, and opens nothing a second time."""
    client, other = open_app(token="right"), None
    first = client.get("/open?token=right")
    other = TestClient(client.app, base_url=HERE, follow_redirects=False)

    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert client.get("/").json()["role"] == "owner"
    assert other.get("/open?token=right").status_code == 403
    assert other.get("/").status_code == 401
    assert client.get("/open?token=right").headers["location"] == "/"


@pytest.mark.parametrize("token", ["wrong", "", "rïght", "righ", "right "])
def test_a_wrong_token_is_one_sentence(open_app, token):
    """Whatever is not the token is refused, and the link still works."""
    client = open_app(token="right")
    found = client.get("/open", params={"token": token})

    assert found.status_code == 403
    assert "works once" in found.text
    assert client.get("/open?token=right").status_code == 303


def test_looking_at_the_link_does_not_use_it_up(open_app):
    """A program that only asks whether the link is there does not spend it."""
    client = open_app(token="right")
    client.head("/open?token=right")

    assert client.get("/open?token=right").status_code == 303


def test_the_cookie_is_for_us_alone(open_app):
    """No script and no other site gets at it; over https it travels over nothing else."""
    plain = open_app(token="t").get("/open?token=t").headers["set-cookie"]
    secure = open_app(token="t", base="https://127.0.0.1").get("/open?token=t").headers["set-cookie"]

    assert re.fullmatch(r"goodoffices-8765=[\w-]{43}; HttpOnly; Path=/; SameSite=strict", plain)
    assert secure.startswith("__Host-goodoffices-8765=")
    assert "; Secure" in secure


def test_a_link_clicked_elsewhere_goes_on_by_itself(open_app):
    """Sent by another page, the browser keeps the cookie back once; a page of ours sends it on."""
    client = open_app(token="t")
    found = client.get("/open?token=t", headers={"Sec-Fetch-Site": "cross-site"})

    assert found.status_code == 200
    assert 'content="0; url=/"' in found.text
    assert client.get("/").status_code == 200


def test_without_a_cookie_nothing_is_shown(open_app):
    """Pages say how to open, the API says it in its one form, and a guessed cookie is none."""
    client = open_app(token="t")
    client.cookies.set("goodoffices-8765", "guessed")

    assert client.get("/").status_code == 401
    assert "goodoffices serve" in client.get("/").text
    found = client.get("/api/v1/fails/bug")
    assert found.json() == {"ok": False, "error": found.json()["error"], "errors": [], "status": 401}
    assert client.post("/own/a/do/edit", headers=OURS).status_code == 401
    assert client.get("/no/such/page").status_code == 401


def test_what_is_open_to_all(open_app):
    """The static files and the version are, and only to look at."""
    client = open_app(token="t")

    assert client.get("/static/a.css").status_code == 200
    assert client.get("/api/v1/version").status_code == 200
    assert client.post("/static/a.css", headers=OURS).status_code == 401
    assert client.get("/static/../").status_code == 401


def test_a_cookie_ends_with_idleness_and_logging_out():
    """A cookie by password means nothing after hours of silence; one that was given back never does."""
    now = [0.0]
    held = Sessions(idle=10, clock=lambda: now[0])
    local, by_password = held.begin(Session(person=Person())), held.begin(Session(person=Person(), proof="h"))
    now[0] = 9
    assert held.find(by_password)
    now[0] = 18
    assert held.find(by_password)
    now[0] = 29

    assert held.find(by_password) is None
    assert held.find(local)
    held.end(local)
    assert held.find(local) is None


# -- where a change comes from --------------------------------------------------------------------

FOREIGN = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Origin": "http://localhost:8765"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": HERE, "Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Referer": "https://evil.example/127.0.0.1:8765"},
    {"Referer": "http://127.0.0.1:8765@evil.example/"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "file://127.0.0.1:8765"},
    {"Origin": "http://["},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_change_from_elsewhere_is_refused(open_app, headers):
    """Without an origin, or with one that is not ours, nothing is done."""
    assert open_app().post("/own/a/do/edit", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        OURS,
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Referer": HERE + "/own/a/facts"},
    ],
    ids=str,
)
def test_a_change_from_our_page_is_made(open_app, headers):
    """A browser says in one of several ways that the page was ours; a form without referrer says "null"."""
    assert open_app().post("/own/a/do/edit", headers=headers).status_code == 200


# -- passwords and roles --------------------------------------------------------------------------


def test_roles(open_app, people):
    """A reader looks, an analyst also edits, an owner also purges."""
    allowed = {}
    for name in ("rea", "ana", "own"):
        client = open_app(users=people)
        assert log_in(client, name).status_code == 303
        asked = ["/own/a/do/edit", "/own/a/do/purge"]
        allowed[name] = [
            client.get("/").status_code,
            *(client.post(p, headers=OURS).status_code for p in asked),
        ]

    assert allowed == {"rea": [200, 403, 403], "ana": [200, 200, 403], "own": [200, 200, 200]}


def test_who_is_not_in_gets_the_form_and_comes_back_to_where_he_was(open_app, people):
    """The page asked for is kept, if it is one of ours; somewhere else is never gone to."""
    client = open_app(users=people)
    asked = client.get("/own/a/facts?at=1978-01-01")

    assert asked.status_code == 401
    assert 'value="/own/a/facts?at=1978-01-01"' in asked.text
    assert log_in(client, "ana", to="/own/a/facts").headers["location"] == "/own/a/facts"
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "/\n/evil.example", ""):
        assert log_in(open_app(users=people), "ana", to=elsewhere).headers["location"] == "/"


def test_a_wrong_password_says_not_which(open_app, people):
    """An unknown name and a wrong password get the same sentence, and no cookie."""
    client = open_app(users=people)
    wrong, unknown = log_in(client, "ana", "another long password"), log_in(client, "nobody")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("ana", "nobody") == unknown.text
    assert "set-cookie" not in wrong.headers


def test_guessing_is_slowed_down(open_app, people):
    """After five tries of one name even the right password has to wait; other names need not."""
    client = open_app(users=people)
    found = [log_in(client, "ana", "wrong wrong wrong").status_code for _try in range(5)]
    late = log_in(client, "ana")

    assert found == [401] * 5
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) >= 1
    assert log_in(client, "own").status_code == 303
    assert 429 in [log_in(client, f"n{n}", "wrong").status_code for n in range(20)]


def test_log_in_takes_no_foreign_form_and_no_large_one(open_app, people):
    """Another site can neither log somebody in nor send a flood."""
    client = open_app(users=people)
    form = {"name": "ana", "password": PASSWORD}

    assert client.post("/login", data=form).status_code == 403
    assert client.post("/login", data={"name": "a" * 20_000}, headers=OURS).status_code == 413


def test_a_new_cookie_with_each_log_in(open_app, people):
    """A cookie from before means nothing afterwards, nor does one that was given back."""
    client = open_app(users=people)
    log_in(client, "ana")
    before = client.cookies["goodoffices-8765"]
    log_in(client, "ana")
    now = client.cookies["goodoffices-8765"]
    client.post("/logout", headers=OURS)
    used = []
    for cookie in (before, now):
        client.cookies.set("goodoffices-8765", cookie)
        used.append(client.get("/").status_code)
        client.cookies.clear()

    assert before != now
    assert used == [401, 401]


def test_who_is_removed_is_out_at_once(open_app, people):
    """Another role counts with the next request, and who is removed is out."""
    client = open_app(users=people)
    log_in(client, "ana")
    log_in(other := open_app(users=people), "own")
    people.write_text(people.read_text().replace("ana:analyst", "ana:reader"))
    lesser = client.get("/").json()["role"]
    remove_user(people, "ana")

    assert lesser == "reader"
    assert client.get("/").status_code == 401
    assert other.get("/").json()["who"] == "own"
    people.unlink()
    assert other.get("/").status_code == 401


def test_the_file_of_passwords(people, tmp_path):
    """It holds hashes, is for its owner's eyes, and what does not fit is a sentence."""
    text = people.read_text()

    assert PASSWORD not in text
    assert text.count("$argon2id$") == 3
    assert people.stat().st_mode & 0o077 == 0
    for name, role, password in (
        ("a:b", "reader", PASSWORD),
        ("a", "king", PASSWORD),
        ("a", "reader", "short"),
    ):
        with pytest.raises(UsageError):
            add_user(people, name, role, password)
    with pytest.raises(NotFoundError):
        remove_user(people, "nobody")
    (tmp_path / "broken").write_text("ana:analyst:plaintext\n")
    with pytest.raises(UsageError, match="line 1"):
        passwords.read_users(tmp_path / "broken")


def test_without_passwords_nobody_logs_in(open_app):
    """There is no form where there is no file of passwords."""
    assert open_app(token="t").get("/login").status_code == 404


# -- a proxy --------------------------------------------------------------------------------------

SAID = {"X-Forwarded-User": "ana", "X-Forwarded-Role": "owner"}


def test_a_proxy_is_believed_and_a_stranger_is_not(open_app):
    """The header counts only if the trusted proxy itself is at the other end."""
    proxy = open_app(peer="10.0.0.9", trusted_proxy="10.0.0.9")
    mapped = open_app(peer="::ffff:10.0.0.9", trusted_proxy="10.0.0.9")
    stranger = open_app(peer="10.0.0.8", trusted_proxy="10.0.0.9")

    assert proxy.get("/", headers=SAID).json() == {"who": "ana", "role": "owner"}
    assert mapped.get("/", headers=SAID).status_code == 200
    assert stranger.get("/", headers={**SAID, "X-Forwarded-For": "10.0.0.9"}).status_code == 401
    assert open_app(token="t").get("/", headers=SAID).status_code == 401


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("X-Forwarded-User", "ana")], "reader"),
        ([("X-Forwarded-User", "ana"), ("X-Forwarded-Role", "king")], "reader"),
        ([("X-Forwarded-User", "ana"), ("X-Forwarded-User", "own")], None),
        ([("X-Forwarded-User", "a b"), ("X-Forwarded-Role", "owner")], None),
        ([("X-Forwarded-Role", "owner")], None),
        ([("X-Forwarded-User", "ana"), ("X-Forwarded-Role", "reader"), ("X-Forwarded-Role", "owner")], None),
    ],
)
def test_what_a_proxy_says_twice_or_not_at_all(open_app, headers, expected):
    """Without a role one may look; a name or a role said twice comes partly from somebody else."""
    found = open_app(peer="10.0.0.9", trusted_proxy="10.0.0.9").get("/", headers=headers)

    assert (found.json()["role"] if found.status_code == 200 else None) == expected


# -- what is too much -----------------------------------------------------------------------------


def chunks(total, size=100_000):
    for _n in range(total // size):
        yield b"a" * size


@pytest.mark.parametrize("path", ["/own/a/do/edit", "/api/v1/edit", "/api/v1/raw"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused(open_app, path, announced):
    """A megabyte is taken, more is not: by what is announced, and by what comes."""
    form = {
        **OURS,
        "Content-Type": "application/json" if "raw" in path else "application/x-www-form-urlencoded",
    }
    body = b"a" * 1_100_000 if announced else chunks(1_100_000)
    found = open_app().post(path, content=body, headers=form)

    assert found.status_code == 413
    assert "1000 kB" in found.text
    assert found.headers["content-security-policy"] == CSP


def test_not_more_is_read_than_is_taken(open_app):
    """What is too large is refused while it comes in, not after."""
    sent = []

    def body():
        for chunk in chunks(50_000_000):
            sent.append(len(chunk))
            yield chunk

    client = open_app()
    form = {**OURS, "Content-Type": "application/x-www-form-urlencoded", "Content-Length": "50000000"}

    assert client.post("/own/a/do/edit", content=body(), headers=form).status_code == 413


def test_an_upload_may_be_larger(open_app):
    """A file of some megabytes is taken, one of more than twenty is not."""
    client = open_app()
    fits = client.post("/own/a/do/take", files={"file": b"a" * 2_000_000}, headers=OURS)
    too_large = client.post("/own/a/do/take", files={"file": b"a" * 20_100_000}, headers=OURS)

    assert fits.json() == {"got": 2_000_000}
    assert too_large.status_code == 413


def test_runs_are_limited_for_each_person(open_app, people):
    """After as many as the settings allow one waits, and another does not."""
    client = open_app(users=people, rate=2)
    log_in(client, "ana")
    found = [client.post("/own/a/do/plan", headers=OURS) for _run in range(3)]
    log_in(client, "own")

    assert [one.status_code for one in found] == [200, 200, 429]
    assert int(found[2].headers["retry-after"]) == 30
    assert client.post("/own/a/do/plan", headers=OURS).status_code == 200


def test_a_bucket_fills_again():
    """After the time that was named there is a turn; what is full is not remembered."""
    now = [0.0]
    limits = Limits(6, clock=lambda: now[0])
    taken = [limits.wait("a") for _turn in range(6)]
    wait = limits.wait("a")
    now[0] = wait

    assert taken == [0.0] * 6
    assert wait == pytest.approx(10)
    assert limits.wait("a") == 0.0
    now[0] = 1000
    for n in range(5000):
        limits.wait(n)
    assert len(limits._buckets) <= 4096


# -- what stands on every answer ------------------------------------------------------------------

ADDRESSES = [
    *("/", "/own/mine/answer", "/own/mine/facts", "/own/mine/trust", "/own/mine/conduct", "/own/mine/report"),
]
EVERY = ["/", "/nowhere", "/static/a.css", "/static/none", "/open?token=x", "/login", "/stream"] + [
    f"{room}/fails/{name}" for room in ("", "/api/v1") for name in ERRORS
]


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
def test_every_answer_has_the_headers(open_app, path, method):
    """Pages, files, refusals and mistakes: no answer leaves without them."""
    headers = open_app(token="").request(method, path, headers=OURS).headers

    assert headers["content-security-policy"] == CSP
    assert headers["referrer-policy"] in ("no-referrer", "same-origin")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


def test_the_policy_lets_nothing_in_from_elsewhere():
    """No inline script, no inline style, no other host."""
    assert "unsafe" not in CSP
    assert not re.search(r"https?:|\*", CSP)
    for part in ("default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'"):
        assert part in CSP


def test_a_route_may_be_stricter_but_never_kept(open_app):
    """A route sets its own policy for a preview; it cannot let a browser keep a page."""
    found = open_app().get("/own/a/report/page.html")

    assert found.headers["content-security-policy"] == "sandbox"
    assert found.headers["cache-control"] == "no-store"


def test_a_file_is_asked_for_again_by_its_tag(open_app):
    """What has not changed is not sent again."""
    client = open_app()
    tag = client.get("/static/a.css").headers["etag"]

    assert client.get("/static/a.css", headers={"If-None-Match": tag}).status_code == 304


def test_no_route_of_the_workbench_is_open(desk):
    """Whoever is not known gets nothing from any route but those that are open to all, and the headers."""
    client = TestClient(create_app(desk, Settings(token="t")), base_url=HERE, follow_redirects=False)
    paths = set(client.app.openapi()["paths"]) | set(ADDRESSES)
    found = {path: client.get(re.sub(r"\{\w+\}", "x", path)) for path in paths}

    assert {path for path, one in found.items() if one.status_code != 401} == {"/api/v1/version"}
    assert {one.headers["content-security-policy"] for one in found.values()} == {CSP}


@pytest.mark.parametrize("path", [*ADDRESSES, "/own/none/answer", "/elsewhere/x/answer", "/nowhere"])
def test_every_page_of_the_workbench_has_the_policy(client, path):
    """Pages, and what is said where there is none, are under the policy and hold no inline script or style."""
    found = client.get(path)

    assert found.status_code in (200, 404)
    assert found.headers["content-security-policy"] == CSP
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|<style", found.text)


def test_a_refusal_is_in_the_language_of_its_reader(desk):
    """Who is not let in is told so in his own language."""
    client = TestClient(create_app(desk, Settings(token="t")), base_url=HERE)

    assert 'lang="fr"' in client.get("/", headers={"Accept-Language": "fr"}).text


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ERRORS)
def test_errors_have_one_form(open_app, name):
    """Each error has its status, one form for programs and one page for people."""
    error, status = ERRORS[name]
    client = open_app()
    page, data = client.get(f"/fails/{name}"), client.get(f"/api/v1/fails/{name}")

    assert page.status_code == data.status_code == status
    assert set(data.json()) == {"ok", "error", "errors", "status"}
    assert (data.json()["ok"], data.json()["status"]) == (False, status)
    assert page.text.count("<h1>") == 1
    assert len(data.json()["errors"]) == {"fault": 2, "conflict": 1}.get(name, 0)
    if status != 500:
        assert data.json()["error"] == str(error)


def test_a_mistake_shows_and_logs_nothing_of_a_case(open_app, caplog):
    """What nobody foresaw is one sentence; the log has the place in the program, not what was said."""
    with caplog.at_level(logging.ERROR):
        found = open_app().get("/fails/bug")

    assert "Sadat" not in found.text + caplog.text
    assert "Traceback" not in found.text
    assert "RuntimeError" in caplog.text
    assert "in fails" in caplog.text


def test_a_request_that_does_not_fit_is_a_sentence(open_app):
    """A parameter of the wrong kind, an unknown page and an unknown method have the one form, too."""
    client = open_app()
    unfit, gone, method = (
        client.get("/api/v1/number?n=x"),
        client.get("/api/v1/x"),
        client.put("/api/v1/raw", headers=OURS),
    )

    assert [one.status_code for one in (unfit, gone, method)] == [422, 404, 405]
    assert unfit.json()["errors"][0]["field"] == "query.n"
    assert all(not one.json()["ok"] for one in (unfit, gone, method))
    assert method.headers["allow"] == "POST"


def test_what_is_said_is_escaped(open_app):
    """A sentence that quotes the address quotes it as text."""
    found = open_app().get("/", headers={"Host": "x"})
    attack = open_app(token="t").get("/<script>alert(1)</script>?a=<script>")

    assert found.status_code == 421
    assert "<script>alert" not in attack.text
    assert '<script>"' not in attack.text


# -- the audit log --------------------------------------------------------------------------------


def test_the_log_holds_ids_and_no_text(open_app, people, tmp_path):
    """Who, when, what and which ids; what is no id is not written, and what is purged is not named."""
    path = tmp_path / "data" / "audit.jsonl"
    client = open_app(users=people, audit=path)
    log_in(client, "own")
    client.post("/own/a/do/note", headers=OURS)
    client.post("/own/a/do/purge", headers=OURS)
    rows = [json.loads(line) for line in path.read_text().splitlines()]

    assert [row.pop("did") for row in rows] == ["log_in", "edit_fact", "purge"]
    assert [row["ids"] for row in rows] == [[], ["f001", "?", "?", "m-7"], []]
    assert {(row["who"], row["role"]) for row in rows} == {("own", "owner")}
    assert path.stat().st_mode & 0o077 == 0
    assert "sentence" not in path.read_text()


def test_what_was_done_is_a_word_of_the_program():
    """A sentence in place of the word is a mistake, and told as one."""
    with pytest.raises(ValueError, match="a whole"):
        log.line(Person(), "a whole sentence", [])


def test_purging_takes_ids_out_of_the_log(tmp_path):
    """An id that is purged is nowhere in the log afterwards; the rest stays as it was."""
    path = tmp_path / "audit.jsonl"
    log._append(path, log.line(Person(name="a"), "edit", ["f001", "f002"]))
    log._append(path, log.line(Person(name="a"), "edit", ["f003"]))
    last = path.read_text().splitlines()[1]

    assert log.forget(path, ["f001"]) == 1
    assert "f001" not in path.read_text()
    assert "f002" in path.read_text()
    assert path.read_text().splitlines()[1] == last
    assert log.forget(tmp_path / "none", ["f001"]) == 0


# -- the command ----------------------------------------------------------------------------------


def test_a_taken_port_says_what_to_do():
    """The sentence names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is taken.*--port 0"):
            serving.listening("127.0.0.1", port)
    with pytest.raises(UsageError, match="no address"):
        serving.listening("203.0.113.1", 0)


def test_other_hosts_need_passwords_or_a_proxy(tmp_path, capsys):
    """`serve --host` alone is refused before anything listens."""
    assert run(["serve", str(tmp_path), "--host", "0.0.0.0", "--no-browser"]) == 2
    assert "--users" in capsys.readouterr().err


def test_a_broken_certificate_is_a_sentence(tmp_path):
    """What is no certificate is said before anything listens."""
    (tmp_path / "c.pem").write_text("none")

    with pytest.raises(UsageError, match="no certificate"):
        serving._prove(serving.Certificate(chain=tmp_path / "c.pem"))
    assert ssl.SSLError.__mro__[1] is OSError


def test_without_the_extra_serve_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    """Where FastAPI is absent the command names the extra."""
    monkeypatch.setattr("goodoffices.cli.serving.importlib.util.find_spec", lambda _name: None)

    assert run(["serve", str(tmp_path)]) == 4
    assert "goodoffices[web]" in capsys.readouterr().err


def test_users_adds_and_removes(tmp_path, cheap):
    """The command asks for the password twice, and shows it nowhere."""
    file = str(tmp_path / "people")
    added = CliRunner().invoke(
        command_line,
        ["users", "add", "ana", "--role", "analyst", "--users", file],
        input=f"{PASSWORD}\n{PASSWORD}\n",
    )
    role = passwords.read_users(tmp_path / "people")["ana"].role
    removed = CliRunner().invoke(command_line, ["users", "remove", "ana", "--users", file])

    assert added.exit_code == removed.exit_code == 0
    assert role == "analyst"
    assert PASSWORD not in added.output
    assert passwords.read_users(tmp_path / "people") == {}


def test_the_link_names_where_to_go():
    """The address holds the token only where one is used; whoever listens everywhere is called localhost."""
    assert serving.link(Settings(token="t")) == "http://127.0.0.1:8765/open?token=t"
    assert serving.link(Settings(host="::1", port=1, token="t")) == "http://[::1]:1/open?token=t"
    assert serving.link(Settings(host="0.0.0.0"), secure=True) == "https://localhost:8765/"


def test_the_token_is_not_among_the_arguments_of_a_browser(monkeypatch, tmp_path):
    """Other users of a machine can list what runs on it: the browser gets the name of a private file."""
    opened = []
    monkeypatch.setattr(serving.webbrowser, "open", opened.append)
    monkeypatch.setattr(serving, "KEPT", 0)
    monkeypatch.setattr(serving.tempfile, "tempdir", str(tmp_path))
    with serving._shown("http://127.0.0.1:8765/open?token=secret"):
        for thread in serving.threading.enumerate():
            if thread.daemon and thread.name.endswith("(show)"):
                thread.join(5)

    assert opened
    assert "secret" not in opened[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("line", "opens"), [("a long passphrase", True), ("another passphrase", False)])
def test_serve_opens_what_the_passphrase_in_a_file_opens(tmp_path, monkeypatch, capsys, line, opens):
    """The first line of the file is tried on every encrypted case; one that it does not open is named and stays shut."""
    monkeypatch.setattr(vault, "WORK", 2**10)
    folder = tmp_path / "cases"
    made = Path(shutil.copytree(Path(__file__).resolve().parents[1] / "made", folder / "talks"))
    vault.lock_case(made, "a long passphrase")
    (tmp_path / "secret").write_text(f"{line}\nand more\n", encoding="utf-8")
    seen = []
    monkeypatch.setattr(serving, "serve", lambda desk, _settings, **_more: seen.append(desk.cards()[0]))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    status = run(
        ["serve", str(folder), "--no-browser", "--port", "0", "--passphrase-file", str(tmp_path / "secret")]
    )

    assert status == 0
    assert seen[0].locked is not opens
    assert ("talks" in capsys.readouterr().err) is not opens
