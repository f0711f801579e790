"""Makes the clients of AWS's services, each with the timeouts, retries and addresses that suit it."""

from __future__ import annotations

from typing import Any


def create_client(service: str) -> Any:
    """A client of a service, such as "s3", with the credentials and the region of the environment."""
    # boto3 takes 0.2 s of CPU to import; whoever only reads the routes (chalice package) need not wait.
    import boto3
    from botocore.config import Config

    def create(**of_s3: Any) -> Any:
        config = Config(
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=20,
            retries={"mode": "standard", "max_attempts": 4},
            # Walking through each value of each item to see that it is one costs a quarter of a
            # worker's own time; AWS looks at them anyway.
            parameter_validation=False,
            **of_s3,
        )
        return boto3.client(service, config=config)  # type: ignore[call-overload]

    if service != "s3":
        return create()
    # In some regions pre-signed URLs are otherwise of the old kind, which fails with KMS (boto3#2680).
    signed: dict[str, Any] = {"signature_version": "s3v4"}
    # By itself boto3 signs links and forms for bucket.s3.amazonaws.com in every region. Regions that were
    # launched since 2019 refuse them there, and elsewhere S3 redirects those of a new bucket to a host that
    # they are not signed for.
    client = create(**signed, s3={"addressing_style": "virtual"})
    if _is_of_aws(client.meta.endpoint_url):
        return client
    # Somebody has configured another endpoint, such as an emulator's. Hosts below it need not exist.
    return create(**signed)


def _is_of_aws(endpoint: str) -> bool:
    return endpoint.removesuffix(".cn").endswith(".amazonaws.com")
