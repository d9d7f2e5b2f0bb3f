"""Warnings: the work is done, and something about it should be known."""

from __future__ import annotations

import warnings


class WranglerWarning(UserWarning):
    """Root of the warnings; the same one is shown once unless filters say otherwise."""


# Last, so that it is asked after all that users and tests set.
warnings.filterwarnings("once", category=WranglerWarning, append=True)


class ColumnLeftAlone(WranglerWarning):
    """Columns keep their missing values, for the reasons given."""


class ColumnNotUsed(WranglerWarning):
    """A column helps to impute no other, for the reason given."""


class NoSpread(WranglerWarning):
    """Imputations of a deterministic method do not differ from one another."""


class LongJob(WranglerWarning):
    """What is asked for takes long, by an estimate from rows, columns and method."""


class FewObserved(WranglerWarning):
    """A column has too few observed values for a regression on all its predictors."""


class OtherVersion(WranglerWarning):
    """The service that answers is of another version than this package."""


class OriginUnknown(WranglerWarning):
    """Of some cells nobody can know whether they were imputed."""


class MethodsChosenAgain(WranglerWarning):
    """A plan was made for one imputation; for several other methods are taken."""
