"""Makes, lists and revokes the API keys of a stage, and shows the secrets that sign its callbacks.

    python statemachine/keys.py --stage prod create acme --name "nightly import"

A new key is shown once, alone on standard output. It exits with 0, or with 1 if something failed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from packing.project import ROOT, read_config
from stacks import DeployError, Stacks

from chalicelib.aws.api_keys import KEY_SECONDS, ApiKeys
from chalicelib.aws.callback_secrets import CallbackSecrets
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.model.callers import READ, SCOPES, WRITE
from chalicelib.model.clock import DAY, iso_time


def _outputs_of(stage: str) -> Mapping[str, str]:
    """What and where everything of the stage is."""
    running = ROOT / ".local" / "stack.json"
    if stage == "local" and running.exists() and "AWS_ENDPOINT_URL" not in os.environ:  # make local
        where = {name.upper(): str(text) for name, text in json.loads(running.read_text()).items()}
        os.environ |= {name: text for name, text in where.items() if name.startswith("AWS_")}
    name = f"{read_config(ROOT)['app_name']}-{stage}-resources"
    outputs = Stacks(boto3.client("cloudformation"), 1).find(name).outputs
    if "AccessTableName" not in outputs:
        raise DeployError(f"There is no stage {stage} with a table of keys: deploy it first.")
    return outputs


def _keys_of(outputs: Mapping[str, str]) -> ApiKeys:
    return ApiKeys(Table(boto3.client("dynamodb"), outputs["AccessTableName"]))


def _create(outputs: Mapping[str, str], asked: argparse.Namespace) -> None:
    keys = _keys_of(outputs)
    now, days = time.time(), int(asked.days)
    scopes = frozenset(SCOPES if asked.scopes == "all" else asked.scopes.split(","))
    text = keys.create(asked.owner, asked.name, scopes, now, now + days * DAY if days else 0.0)
    until = f"expires in {days} days" if days else "does not expire"
    print(f"This key of {asked.owner} {until}. It is shown only now:", file=sys.stderr)
    print(text)


def _list(outputs: Mapping[str, str], _: argparse.Namespace) -> None:
    for key in _keys_of(outputs).all():
        expiry = f"expires {iso_time(key.expires_at)}" if key.expires_at else "does not expire"
        state = f"revoked {iso_time(key.revoked_at)}" if key.revoked_at else expiry
        print(f"{key.id}  {key.owner}  {' '.join(sorted(key.scopes))}  {state}  {key.name}")


def _revoke(outputs: Mapping[str, str], options: argparse.Namespace) -> None:
    if not _keys_of(outputs).revoke(options.id, time.time()):
        raise DeployError(f"There is no key of the id {options.id}; list shows them all.")
    print(f"The key {options.id} is revoked: within {KEY_SECONDS} s it opens nothing any more.")


def _show_secret(outputs: Mapping[str, str], options: argparse.Namespace) -> None:
    def stage_secret() -> str:
        client = boto3.client("secretsmanager")
        return str(client.get_secret_value(SecretId=outputs["LedgerSecretArn"])["SecretString"])

    table = Table(boto3.client("dynamodb"), outputs["ControlTableName"])
    secrets, now = CallbackSecrets(table, Vault(stage_secret)), time.time()
    if options.replace:
        secrets.replace(options.owner, now)
        print("The secret before this one signs as well for 24 hours.", file=sys.stderr)
    print(secrets.of(options.owner, now)[0])


def _of(pattern: str, meaning: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if re.fullmatch(pattern, text) and text.isprintable():
            return text
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not {meaning}")

    return parse


def main() -> int:
    parser = argparse.ArgumentParser(description="API keys, and the secrets of callbacks.")
    parser.add_argument("--stage", required=True, help='such as prod; "local" for make local')
    commands = parser.add_subparsers(
        required=True, metavar="create | list | revoke | callback-secret"
    )
    create = commands.add_parser("create", help="make a key")
    owner = _of("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", "1 to 64 letters, digits, dots, - and _")
    create.add_argument("owner", type=owner, help="whose jobs it sees; keys may share an owner")
    name = _of(".{0,100}", "a printable text of at most 100 characters")
    create.add_argument("--name", type=name, default="", help="what the key is for")
    known, plain = "|".join(SCOPES), f"{READ},{WRITE}"
    scopes = _of(f"all|({known})(,({known}))*", f"all, or some of {','.join(SCOPES)}")
    create.add_argument("--scopes", type=scopes, default=plain, help=f"all, or some ({plain})")
    days = _of("[0-9]{1,4}", "a whole number of days, 0 for a key that does not expire")
    create.add_argument("--days", type=days, default="365", help="0: it does not expire (365)")
    create.set_defaults(do=_create)
    commands.add_parser("list", help="show all keys").set_defaults(do=_list)
    revoke = commands.add_parser("revoke", help="let a key open nothing any more")
    revoke.add_argument("id", help="as list shows it; it is in the key behind ce_")
    revoke.set_defaults(do=_revoke)
    secret = commands.add_parser(
        "callback-secret", help="show what signs the callbacks of an owner"
    )
    owner = _of("[!-~]{1,200}", "the owner of a key, or jwt: and that of a token")
    secret.add_argument("owner", type=owner, help="whose jobs call back")
    secret.add_argument("--replace", action="store_true", help="make another secret first")
    secret.set_defaults(do=_show_secret)
    options = parser.parse_args()
    try:
        options.do(_outputs_of(options.stage), options)
    except (DeployError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # as of `| head`; what is left to be written is not wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
