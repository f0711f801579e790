"""What is made when the app is imported: on Lambda everything that a call needs, elsewhere nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.resources import ENVIRONMENT

CODE = """
import sys
import app
from chalicelib.services import services
print(services.cache_info().currsize, "boto3" in sys.modules)
"""


@pytest.mark.parametrize(
    ("environment", "made"),
    [
        ({}, "0 False"),
        ({**ENVIRONMENT, "SQS_QUEUE_URL": "https://example.org/batches"}, "0 False"),
        (
            {
                **ENVIRONMENT,
                "SQS_QUEUE_URL": "https://example.org/batches",
                "AWS_LAMBDA_FUNCTION_NAME": "contact-enrichment-dev-worker",
            },
            "1 True",
        ),
    ],
)
def test_clients_are_made_at_import_only_on_lambda(environment, made):
    run = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PATH": os.environ["PATH"], **environment},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == made
