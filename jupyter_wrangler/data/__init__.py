"""Three small data sets with missing values, to try things on.

They come with the package, so that an example needs no file and no network.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pandas as pd

__all__ = ["airquality", "nhanes", "penguins"]


def penguins() -> pd.DataFrame:
    """Load the Palmer penguins.

    Returns
    -------
    pandas.DataFrame of shape (344, 8)
        Species, island, measures, sex and year of penguins on three islands of the
        Palmer Archipelago, 2007 to 2009: lengths in mm, mass in g; 19 values are
        missing.

    References
    ----------
    .. [1] K. B. Gorman, T. D. Williams and W. R. Fraser (2014), PLoS ONE 9(3), e90081.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> jw.data.penguins().isna().sum().sum()
    np.int64(19)
    """
    return _read("penguins")


def airquality() -> pd.DataFrame:
    """Load the air quality of New York from May to September 1973.

    Returns
    -------
    pandas.DataFrame of shape (153, 6)
        Ozone (ppb), solar radiation (Langley), wind (mph), temperature (degrees F),
        month and day; 44 values are missing.

    References
    ----------
    .. [1] J. M. Chambers, W. S. Cleveland, B. Kleiner and P. A. Tukey (1983),
       Graphical Methods for Data Analysis, Wadsworth.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> jw.data.airquality().shape
    (153, 6)
    """
    return _read("airquality")


def nhanes() -> pd.DataFrame:
    """Load 25 people of the third National Health and Nutrition Examination Survey.

    Returns
    -------
    pandas.DataFrame of shape (25, 4)
        Age group (1: 20-39, 2: 40-59, 3: 60 and older), body mass index (kg/m²),
        hypertension (1: no, 2: yes) and serum cholesterol (mg/dL); 27 values are
        missing.

    References
    ----------
    .. [1] J. L. Schafer (1997), Analysis of Incomplete Multivariate Data, Chapman and
       Hall, table 6.14.

    Examples
    --------
    >>> import jupyter_wrangler as jw
    >>> jw.data.nhanes().isna().sum().to_dict()
    {'age': 0, 'bmi': 9, 'hyp': 8, 'chl': 10}
    """
    return _read("nhanes")


def _read(name: str) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415  the package loads quickly

    file: Traversable = resources.files(__name__) / f"{name}.csv"
    if not file.is_file():
        # a checkout has them where the notebooks are
        file = Path(__file__).parents[2] / "notebooks" / "data" / f"{name}.csv"
    with file.open("rb") as source:
        return pd.read_csv(source)
