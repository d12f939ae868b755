"""The API takes whatever its own description allows, and much that it does not, without breaking."""

import warnings
from contextlib import nullcontext, suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

pytest.importorskip("schemathesis", reason="needs schemathesis")

import schemathesis
from schemathesis import GenerationMode

from goodoffices.web.app import create_app
from goodoffices.web.jobs import Jobs
from goodoffices.web.pages import CONTEXTS
from goodoffices.web.settings import Settings
from tests.web.conftest import HERE

FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Answers that go on until something happens are read elsewhere.
ENDLESS = ("/api/v1/jobs/{job}/events",)
KNOWN = {
    "shelf": st.sampled_from(["own", "own", "own", "library", "elsewhere"]),
    "name": st.sampled_from(["mine", "mine", "mine", "camp-david", "no-such-case"]),
    "page": st.sampled_from([*CONTEXTS, "no-such-page"]),
    "at": st.sampled_from(["2003-02-01", "1978-09-12", "", "tomorrow"]),
    "branch": st.sampled_from(["", "", "no-such-branch"]),
    "draws": st.sampled_from([1, 20, 0, 1001]),
    "truster": st.sampled_from(["anna", "nobody"]),
    "trustee": st.sampled_from(["basil", "nobody"]),
    "as": st.sampled_from(["", "anna", "nobody"]),
    "seen_by": st.sampled_from(["", "anna", "nobody"]),
    "options": st.just(False),
    "key": st.sampled_from(["0" * 16, ".."]),
    "run": st.sampled_from(["0" * 12, "..", "no run"]),
}
SENSIBLE = st.fixed_dictionaries(KNOWN)


@pytest.fixture
def described(desk, monkeypatch):
    """The description of the API; runs wait and are never begun."""
    monkeypatch.setattr(Jobs, "_begin", lambda _jobs: None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield schemathesis.openapi.from_asgi(
            "/api/v1/openapi.json", create_app(desk, Settings()), headers={"Host": "127.0.0.1:8765"}
        )


def test_every_operation_answers_in_one_form(described):
    """No status from 500 on; every refusal is {ok, error, errors, status} with one sentence."""
    seen = {}
    for found in described.get_all_operations():
        operation = found.ok()
        if operation.path in ENDLESS:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _asked(operation, mode, seen)
            except Exception as error:
                error.add_note(f"{operation.label}, {mode}")
                raise
    assert {status // 100 for status in seen.values()} <= {2, 3, 4}
    assert len({label for label, status in seen if status < 300}) >= 8


def _asked(operation, mode, seen):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strategy = operation.as_strategy(generation_mode=mode)

    @FEW
    @given(case=strategy, sensible=SENSIBLE, keep=st.booleans())
    def ask(case, sensible, keep):
        if not keep:
            for asked in (case.path_parameters, case.query):
                for name in set(asked or {}) & set(sensible):
                    asked[name] = sensible[name]
        answer = case.call(headers={"Host": "127.0.0.1:8765", "Origin": HERE})
        seen[operation.label, answer.status_code] = answer.status_code
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            told = answer.json()
            assert set(told) == {"ok", "error", "errors", "status"}
            assert (told["ok"], told["status"]) == (False, answer.status_code)
            assert told["error"]

    # What takes nothing cannot be asked wrongly.
    nothing = suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext()
    with warnings.catch_warnings(), nothing:
        warnings.simplefilter("ignore")
        ask()
