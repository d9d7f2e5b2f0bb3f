"""What cannot be asked for is said in our words, with the field and the value."""

import pytest

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.errors import InvalidSpec


def test_a_request_that_is_right_comes_back_as_asked():
    assert build_request(ImputationSpec, n_imputations=3).n_imputations == 3


def test_each_wrong_field_is_named_with_its_value():
    with pytest.raises(InvalidSpec) as caught:
        build_request(ImputationSpec, n_imputations=0, max_iter="many")
    said = str(caught.value)
    assert "n_imputations=0 cannot be asked for" in said
    assert "max_iter='many' cannot be asked for" in said
    assert said.endswith("Change it and try again.")


def test_an_unknown_field_is_refused():
    with pytest.raises(InvalidSpec, match="imputations_n=3 cannot be asked for"):
        build_request(ImputationSpec, imputations_n=3)


def test_a_long_value_is_cut():
    with pytest.raises(InvalidSpec) as caught:
        build_request(ImputationSpec, n_imputations="x" * 5000)
    assert "..." in str(caught.value)
    assert len(str(caught.value)) < 500


def test_words_of_the_library_that_validates_do_not_show():
    with pytest.raises(InvalidSpec) as caught:
        build_request(ImputationSpec, n_imputations=None)
    said = str(caught.value)
    assert "pydantic" not in said
    assert "Input should" not in said
    assert caught.value.__cause__ is None
