"""Keys are what stored data is found by: changing one loses it, so each is written down here."""

from __future__ import annotations

from chalicelib.aws import keys


def test_every_key_has_the_shape_that_stored_items_have():
    assert keys.job("j") == {"pk": "j", "sk": "JOB"}
    assert keys.batch("j", 42) == {"pk": "j", "sk": "BATCH#000042"}
    assert keys.batch("j", 500) == {"pk": "j#001", "sk": "BATCH#000500"}
    assert keys.credit_hold("j", "run#pdl") == {"pk": "j", "sk": "HOLD#run#pdl"}
    assert keys.upload("u") == {"pk": "u", "sk": "UPLOAD"}
    assert keys.pace("pdl") == {"pk": "RATE#pdl", "sk": "PACE"}
    assert keys.window("pdl", 3600.0) == {"pk": "RATE#pdl", "sk": "WINDOW#3600"}
    assert keys.rows("j", 42) == {"pk": "j#000042"}
    assert keys.answer("pdl", "abc") == {"pk": "pdl#abc"}
    assert keys.usage("o", "2026-11-27", "j") == {"pk": "OWNER#o", "sk": "JOB#2026-11-27#j"}
    assert keys.api_key("abc") == {"pk": "KEY#abc"}
    assert keys.provider_attribute("stopped", "pdl") == "stopped#pdl"
    assert keys.idempotency("abc") == {"pk": "KEY#abc", "sk": "KEY"}


def test_every_file_has_its_place():
    assert keys.input_file("j") == "jobs/j/input"
    assert keys.contacts_file("j") == "jobs/j/contacts.jsonl"
    assert keys.result_file("j", 0, "csv") == "jobs/j/enriched.csv"
    assert keys.result_file("j", 2, "jsonl") == "jobs/j/enriched-2.jsonl"
    assert keys.spilled_rows("j", 7, b"").startswith("jobs/j/rows/000007-")
    assert keys.upload_file("u") == "uploads/u"


def test_a_batch_is_known_by_its_sort_key():
    assert keys.batch_number(keys.batch("j", 1234)["sk"]) == 1234


def test_batches_sort_as_their_numbers():
    places = [keys.batch("j", number) for number in range(0, 10_000, 7)]
    assert places == sorted(places, key=lambda key: (key["pk"], key["sk"]))
