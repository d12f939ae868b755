"""The waterfall of a ledger: it begins at nothing, leaves nothing out, and ends at the level."""

import pytest

from goodoffices.report.waterfall import SHOWN, Part, waterfall


@pytest.mark.parametrize("count", [0, 1, SHOWN, SHOWN + 1, SHOWN + 2, 60])
def test_it_adds_up_however_many_facts_there_are(count):
    """Each bar begins where the last one ended, and the last ends at the level."""
    parts = [Part(label=f"fact {k}", amount=(-1) ** k * 0.03 * (k + 1), fact=f"f{k}") for k in range(count)]
    limits = [Part(label="clip", amount=-0.1)]
    level = 0.2 + sum(part.amount for part in parts) - 0.1
    drawn = waterfall("belief", 0.2, parts, limits, level)
    ends = [step.end for step in drawn.steps]

    assert len(drawn.steps) <= SHOWN + 4
    assert ends[-1] == pytest.approx(drawn.level, abs=0.11)
    for step, before in zip(drawn.steps, [drawn.zero, *ends], strict=False):
        assert min(abs(step.x - before), abs(step.x + step.width - before)) < 1.01


def test_what_weighs_least_is_folded_first():
    """The strongest facts keep a bar of their own, in their order."""
    parts = [Part(label=f"{k}", amount=0.01 * k, fact=f"f{k}") for k in range(1, 40)]
    kept = [step.fact for step in waterfall("belief", 0.0, parts, [], 7.8).steps if step.fact]

    assert kept == [f"f{k}" for k in range(40 - SHOWN, 40)]
