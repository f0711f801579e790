"""The clients: which host the links and forms that they sign lead to. Nothing is sent."""

from __future__ import annotations

from urllib.parse import urlsplit

import boto3
import pytest

from chalicelib.aws.bucket import Bucket
from chalicelib.aws.clients import create_client


@pytest.fixture(autouse=True)
def account(monkeypatch, tmp_path):
    """Of nobody, without the machine's own configuration."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def signed(monkeypatch, region: str) -> set[str]:
    """The URLs, without their signatures, of a link and a form."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    bucket = Bucket(create_client("s3"), "the-bucket")
    form = bucket.sign_upload("a", "text/csv", 10, 60)
    link = bucket.sign_download("a", "a.csv", 60)
    assert "X-Amz-Signature=" in link
    assert "x-amz-signature" in form["fields"]
    return {link.split("?")[0].removesuffix("/a"), form["url"].removesuffix("/")}


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "s3.amazonaws.com"),  # its own, and that of no region
        ("eu-central-1", "s3.eu-central-1.amazonaws.com"),
        ("me-central-1", "s3.me-central-1.amazonaws.com"),  # launched in 2022
        ("cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
    ],
)
def test_links_and_forms_lead_to_the_region_of_the_bucket(monkeypatch, region, host):
    assert signed(monkeypatch, region) == {f"https://the-bucket.{host}"}


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:4566", "http://localhost:4566"])
def test_another_endpoint_needs_no_name_for_each_bucket(monkeypatch, variable, url):
    monkeypatch.setenv(variable, url)
    assert signed(monkeypatch, "me-central-1") == {f"{url}/the-bucket"}


def test_the_endpoint_of_a_configuration_file_counts_as_well(monkeypatch, tmp_path):
    (tmp_path / "config").write_text("[default]\nendpoint_url = http://localhost:4566\n", "utf-8")
    assert signed(monkeypatch, "eu-central-1") == {"http://localhost:4566/the-bucket"}


def test_other_clients_are_as_boto3_makes_them(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "me-central-1")
    host = urlsplit(create_client("sqs").meta.endpoint_url).hostname
    assert host == "sqs.me-central-1.amazonaws.com"
