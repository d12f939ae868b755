"""The conformance suites pass on what is built in and fail on what breaks them."""

from dataclasses import replace

import pytest

from goodoffices.cases.folder import FolderSource
from goodoffices.cases.library import LibrarySource, library_names
from goodoffices.cases.tables import codebook, reference_classes
from goodoffices.testing import check_case_source, check_classes, check_kinds


def test_the_built_in_parts_conform(made_folder):
    """Sources, kinds and reference classes of the package pass the suites it ships."""
    check_case_source(FolderSource(), str(made_folder))
    for name in library_names():
        check_case_source(LibrarySource(), name)
    check_kinds(codebook())
    check_classes(reference_classes())


def test_what_breaks_a_promise_is_caught():
    """A strength out of range, a name used twice and a falling curve each fail."""
    kinds = codebook()
    with pytest.raises(AssertionError, match="strengths"):
        check_kinds([replace(kinds[0], strengths={next(iter(kinds[0].strengths)): 2.0})])
    with pytest.raises(AssertionError, match="name of its own"):
        check_kinds([kinds[0], kinds[0]])
    with pytest.raises(AssertionError, match="grows"):
        check_classes([replace(reference_classes()[0], y10=0.01)])


def test_no_kind_names_a_country_or_person():
    """No kind of conduct, default or reference class belongs to a country, a person or a case."""
    from goodoffices.workbench import Workbench

    bench = Workbench()
    names = {
        n.lower() for case in library_names() for p in bench.load_case(case).parties for n in (p.name, p.id)
    }
    names |= {
        dm.id.lower()
        for case in library_names()
        for dm in bench.load_case(case).decision_makers
        if dm.kind == "person"
    }
    for kind in codebook():
        text = f"{kind.kind} {kind.label} {kind.definition} {kind.example}".lower().split()
        assert not names & set(text), kind.kind
