"""Finds how a list is laid out, as the service does before it starts a job."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.files.columns import check_known
from chalicelib.files.detection import find_layout
from chalicelib.model.layout import Layout


def detect_layout(
    head: bytes, whole: bool, mapping: Mapping[str, str] | None = None, charset: str = ""
) -> Layout:
    """The layout of a list that can be enriched; InvalidRequestError if no column of it is known."""
    layout = find_layout(head, whole, mapping, charset)
    check_known(layout.read_as)
    return layout
