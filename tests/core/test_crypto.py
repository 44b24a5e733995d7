"""Sealed values open only with their own key, in their own row, unchanged."""

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from core import crypto

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(st.dictionaries(TEXT, TEXT))
def test_what_is_sealed_is_opened_again(payload: dict[str, str]) -> None:
    key = crypto.new_key()
    assert crypto.open_sealed(key, crypto.seal(key, payload, "row"), "row") == payload


def test_another_row_another_key_or_a_changed_byte_does_not_open() -> None:
    key = crypto.new_key()
    sealed = crypto.seal(key, {"name": "somebody"}, "identity:1:ngo")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key_used, blob, row in (
        (key, sealed, "identity:2:ngo"),
        (key, sealed, "identity:1:police"),
        (crypto.new_key(), sealed, "identity:1:ngo"),
        (key, changed, "identity:1:ngo"),
    ):
        with pytest.raises(InvalidTag):
            crypto.open_sealed(key_used, blob, row)


def test_the_same_content_never_looks_the_same() -> None:
    key = crypto.new_key()
    assert crypto.seal(key, {"a": 1}, "row") != crypto.seal(key, {"a": 1}, "row")


def test_the_location_has_a_master_of_its_own() -> None:
    key = crypto.new_key()
    wrapped = crypto.wrap_location(key)
    assert crypto.unwrap_location(wrapped) == key
    with pytest.raises(InvalidTag):
        crypto.unwrap(wrapped)
    with pytest.raises(InvalidTag):
        crypto.unwrap_location(crypto.wrap(key))


def test_a_stored_key_is_wrapped_with_the_master_key() -> None:
    key = crypto.new_key()
    wrapped = crypto.wrap(key)
    assert key not in wrapped
    assert crypto.unwrap(wrapped) == key
