"""Numbers that ship are those that their recipe gives, where the data set lies beside the project."""

import importlib.util
from pathlib import Path

import pytest

from goodoffices.cases.tables import reference_classes

ROOT = Path(__file__).resolve().parents[1]
UCDP = ROOT.parent / "shared" / "data" / "agreements" / "ucdp-peace-agreements-221.csv"


@pytest.mark.data
@pytest.mark.skipif(not UCDP.exists(), reason="the UCDP Peace Agreement Dataset is not beside the project")
def test_reference_classes_follow_from_their_recipe():
    """n, conflicts and shares of the UCDP classes are those that tools/reference_classes.py gives."""
    spec = importlib.util.spec_from_file_location("recipe", ROOT / "tools" / "reference_classes.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    shipped = {row.name: row for row in reference_classes()}
    for name, kind in recipe.TYPES.items():
        rows, row = recipe.spans(UCDP, kind), shipped[name]
        found = [recipe.failed(rows, years) for years in (1, 5, 10)]

        assert (len(rows), len({r.conflict for r in rows})) == (row.n, row.conflicts)
        assert found == pytest.approx([row.y1, row.y5, row.y10], abs=0.006)
