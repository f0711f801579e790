"""Makes the secrets that sign callbacks: each from the secret of the stage, the owner and a number.

Nothing secret is stored. The number says how often the owner's secret was replaced; only the operator
(statemachine/keys.py) changes it.
"""

from __future__ import annotations

from chalicelib.aws import keys
from chalicelib.aws.table import Table
from chalicelib.aws.vault import Vault
from chalicelib.callbacks.signing import secret_text
from chalicelib.model.clock import DAY

#: Seconds for which the secret before signs as well, so that receivers have time to change theirs.
OVERLAP_SECONDS = DAY


class CallbackSecrets:
    """Of all owners of a stage."""

    def __init__(self, table: Table, vault: Vault) -> None:
        self._table, self._vault = table, vault

    def of(self, owner: str, now: float) -> tuple[str, ...]:
        """The secrets that sign at this time: the newest first, the one before it only for a day."""
        item = self._table.get(keys.callback_secret(owner)) or {}
        number, since = item.get("number", 0), item.get("since", 0)
        is_new = number > 0 and now - since < OVERLAP_SECONDS
        numbers = (number, number - 1) if is_new else (number,)
        return tuple(self._secret(owner, each) for each in numbers)

    def replace(self, owner: str, now: float) -> None:
        """Let another secret sign from now on."""
        key = keys.callback_secret(owner)
        item = self._table.get(key) or {}
        self._table.put_many([{**key, "number": item.get("number", 0) + 1, "since": int(now)}])

    def _secret(self, owner: str, number: int) -> str:
        return secret_text(bytes.fromhex(self._vault.digest("callback", owner, str(number))))
