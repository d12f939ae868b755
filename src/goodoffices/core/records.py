"""Records of reported acts: what is remembered of a pair, a party, a role or a country, and how it fades.

A record has two sides, as actor and as target, or the two directions of a pair.  Each side remembers,
over several half-lives, cooperative less conflictive acts (`net`) and all acts (`total`), and an effect:
how far the acts were more cooperative, in log-odds, than everything else led one to expect.  Effects
are filtered as a Gaussian belief with the variance of a probit approximation (MacKay 1992; Graepel et
al. 2010, adPredictor); they fade towards zero, so that nobody is held to what he did long ago.

The functions here are elementwise and stand once; `core/conduct.py` compiles them.
"""

import numpy as np

from goodoffices.core.elementary import Number, logistic

__all__ = ["expected", "gain", "leaning", "narrowed", "shared", "tempered"]

BEND = 0.39269908169872414  # pi / 8, of the probit approximation


def leaning(net: Number, total: Number, near: Number, far: Number) -> tuple[Number, Number]:
    """Give net acts as a share of all acts and of `near`, or of `far`, acts that were never seen.

    With few acts both are near zero, the second more so: their difference tells how much was seen.
    """
    one, other = total + near, total + far
    unit = net / (one * other)
    return unit * other, unit * one


def tempered(variance: Number) -> Number:
    """Give the factor by which doubt brings a log-odds closer to zero."""
    return 1.0 / np.sqrt(1.0 + BEND * variance)


def expected(effects: Number, variance: Number) -> Number:
    """Give the chance of a cooperative act, from the sum of effects and its variance."""
    return logistic(effects * tempered(variance))


def shared(chance: Number, variance: Number) -> Number:
    """Give what an act tells in all, which effects share by their variance."""
    return 1.0 / (1.0 + chance * (1.0 - chance) * variance)


def gain(own: Number, surprise: Number, told: Number) -> Number:
    """Give by how much one effect moves; `surprise` is outcome less chance."""
    return own * surprise * told


def narrowed(own: Number, chance: Number, told: Number) -> Number:
    """Give by how much the variance of one effect shrinks."""
    return own * own * chance * (1.0 - chance) * told
