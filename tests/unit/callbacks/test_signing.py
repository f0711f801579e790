"""Signatures of callbacks are those of Standard Webhooks."""

from __future__ import annotations

import base64

import pytest

from chalicelib.callbacks.signing import secret_text, signed_headers

#: The example of the specification's reference libraries (standard-webhooks, libraries/*/webhook test).
SECRET, MESSAGE = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY, TIME = b'{"test": 2432232314}', 1614265330
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_reference_example_is_signed_as_there():
    assert signed_headers([SECRET], MESSAGE, TIME + 0.9, BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": str(TIME),
        "webhook-signature": SIGNATURE,
    }


def test_each_secret_gives_a_signature_of_its_own():
    other = secret_text(b"another invented secret of a test")
    signed = signed_headers([other, SECRET], MESSAGE, TIME, BODY)["webhook-signature"].split(" ")
    assert signed[1] == SIGNATURE
    assert signed[0].startswith("v1,")
    assert signed[0] != SIGNATURE


@pytest.mark.parametrize(
    "changed",
    [(MESSAGE + "x", TIME, BODY), (MESSAGE, TIME + 1, BODY), (MESSAGE, TIME, BODY + b" ")],
)
def test_everything_that_counts_is_signed(changed):
    assert signed_headers([SECRET], *changed)["webhook-signature"] != SIGNATURE


def test_a_secret_is_written_as_receivers_expect_it():
    assert secret_text(base64.b64decode(SECRET.removeprefix("whsec_"))) == SECRET
