"""Providers as the API describes them."""

from __future__ import annotations

from chalicelib.model.contacts import FIELDS


def test_providers_say_what_they_fill(stack):
    offline, *vendors = stack.client.http.get("/providers").json_body["providers"]
    assert offline["name"] == "offline"
    assert {vendor["name"] for vendor in vendors} >= {"pdl", "apollo", "hunter", "zerobounce"}
    assert not any(vendor["configured"] for vendor in vendors if vendor["name"] != "gravatar")
    assert set(offline["fields"]) < set(FIELDS)
