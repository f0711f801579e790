"""Names every key in DynamoDB and S3: no other module spells one out.

Control table (``pk``, ``sk``)
    job                 <job id>              JOB
    batch               <job id>[#001]        BATCH#000042       500 batches to a partition
    credits             <job id>              CREDITS
    credits held        <job id>              HOLD#<who>
    turns at a vendor   <job id>              TURNS#<vendor>#<run of the job>
    upload              <upload id>           UPLOAD
    Idempotency-Key     KEY#<keyed hash>      KEY
    an erased person    SUPPRESSED#<owner>    PERSON#<keyed hash>
    their erasure       <erasure id>          ERASURE
    use by an owner     OWNER#<owner>         JOB#<day>#<job id>
    secret of callbacks OWNER#<owner>         CALLBACK
    a vendor's pace     RATE#<vendor>         PACE, WINDOW#<seconds>
Records table (``pk``)
    rows of a batch     <job id>#000042
    ledger              <provider>#<keyed hash of owner and person>
Access table (``pk``)
    API key             KEY#<key id>
Bucket
    jobs/<job id>/      input, layout.json, columns.json, facts.json, duplicates, contacts.jsonl, rows/…, enriched[-<run>].<output>
    uploads/<upload id>
"""

from __future__ import annotations

import hashlib

Key = dict[str, str]

JOB = "JOB"
BATCH_PREFIX = "BATCH#"
HOLD_PREFIX = "HOLD#"
TURNS_PREFIX = "TURNS#"
PERSON_PREFIX = "PERSON#"
USAGE_PREFIX = "JOB#"
#: Batches that share a partition key. A partition takes 1,000 writes a second, and one Query for more
#: batches delays other readers (seen on the emulator).
BATCHES_PER_PARTITION = 500


def job(job_id: str) -> Key:
    """A job, and how its providers do."""
    return {"pk": job_id, "sk": JOB}


def provider_attribute(kind: str, provider: str) -> str:
    """The attribute of a job's item that holds something of one provider: an attribute each, so that
    workers write them without knowing of each other.
    """
    return f"{kind}#{provider}"


def batch_partition(job_id: str, number: int) -> str:
    """The partition key of the ``number``-th group of a job's batches; the first is the job's own."""
    return f"{job_id}#{number:03d}" if number else job_id


def batch(job_id: str, number: int) -> Key:
    """A batch; the digits make the order of the keys that of the batches."""
    partition = batch_partition(job_id, number // BATCHES_PER_PARTITION)
    return {"pk": partition, "sk": f"{BATCH_PREFIX}{number:06d}"}


def batches(first: int) -> tuple[str, str]:
    """The first and the last sort key of the batches from the ``first`` on."""
    return f"{BATCH_PREFIX}{first:06d}", f"{BATCH_PREFIX}999999"


def batch_number(sk: str) -> int:
    """The number of the batch that a sort key names."""
    return int(sk.removeprefix(BATCH_PREFIX))


def credits(job_id: str) -> Key:
    """What is held and spent of a job's credits: an item of its own, which many workers write."""
    return {"pk": job_id, "sk": "CREDITS"}


def credit_hold(job_id: str, holder: str) -> Key:
    """Credits of a job that somebody holds."""
    return {"pk": job_id, "sk": f"{HOLD_PREFIX}{holder}"}


def turns(job_id: str, run: int, vendor: str) -> Key:
    """The turns that the batches of a job have taken at a vendor."""
    return {"pk": job_id, "sk": f"{TURNS_PREFIX}{vendor}#{run}"}


def upload(upload_id: str) -> Key:
    """A place for a file that a client is about to send."""
    return {"pk": upload_id, "sk": "UPLOAD"}


def suppressions(owner: str) -> str:
    """The partition key of the people whom nobody may look up for an owner."""
    return f"SUPPRESSED#{owner}"


def suppression(owner: str, person: str) -> Key:
    """One of these people, who is a keyed hash (vault.py)."""
    return {"pk": suppressions(owner), "sk": f"{PERSON_PREFIX}{person}"}


def erasure(erasure_id: str) -> Key:
    """How far the erasure of a person has come."""
    return {"pk": erasure_id, "sk": "ERASURE"}


def idempotency(digest: str) -> Key:
    """An owner's Idempotency-Key, which may be any text of any length: as a keyed hash (vault.py)."""
    return {"pk": f"KEY#{digest}", "sk": "KEY"}


def usage(owner: str, day: str, job_id: str) -> Key:
    """What a job counts for on a day among what its owner may use."""
    return {"pk": f"OWNER#{owner}", "sk": f"{USAGE_PREFIX}{day}#{job_id}"}


def callback_secret(owner: str) -> Key:
    """Which of an owner's secrets signs callbacks; the secret itself is stored nowhere."""
    return {"pk": f"OWNER#{owner}", "sk": "CALLBACK"}


def pace(vendor: str) -> Key:
    """The schedule of a vendor's calls."""
    return {"pk": f"RATE#{vendor}", "sk": "PACE"}


def window(vendor: str, seconds: float) -> Key:
    """The calls of a vendor that are counted over so many seconds."""
    return {"pk": f"RATE#{vendor}", "sk": f"WINDOW#{seconds:g}"}


def rows(job_id: str, number: int) -> Key:
    """The enriched rows of a batch; a partition each, so that the writes of a job spread."""
    return {"pk": f"{job_id}#{number:06d}"}


def answer(provider: str, person: str) -> Key:
    """What a provider answered for a person of an owner, who are a keyed hash (vault.py)."""
    return {"pk": f"{provider}#{person}"}


def api_key(key_id: str) -> Key:
    """An API key: whose it is, and a hash of its secret."""
    return {"pk": f"KEY#{key_id}"}


def job_files(job_id: str) -> str:
    """What the names of all files of a job begin with."""
    return f"jobs/{job_id}/"


def input_file(job_id: str) -> str:
    """The list as it came in a request."""
    return f"{job_files(job_id)}input"


def layout_file(job_id: str) -> str:
    """How the list is laid out."""
    return f"{job_files(job_id)}layout.json"


def summary_file(job_id: str) -> str:
    """What a job's rows had, what was found and what was wrong with them, counted."""
    return f"{job_files(job_id)}summary.json"


def facts_file(job_id: str) -> str:
    """What a list as a whole tells of its companies, once it is split."""
    return f"{job_files(job_id)}facts.json"


def duplicates_file(job_id: str) -> str:
    """The earlier row about the same person for each row, 4 bytes each, if the job looks for them."""
    return f"{job_files(job_id)}duplicates"


def columns_file(job_id: str) -> str:
    """The names of all columns of a list that is split."""
    return f"{job_files(job_id)}columns.json"


def contacts_file(job_id: str) -> str:
    """The normalised contacts: one line of JSON a row (files/rows.py)."""
    return f"{job_files(job_id)}contacts.jsonl"


def result_file(job_id: str, run: int, output: str) -> str:
    """The finished file; each run of a job has its own, so that a late one spoils no other."""
    suffix = f"-{run}" if run else ""
    return f"{job_files(job_id)}enriched{suffix}.{output}"


def spilled_rows(job_id: str, number: int, content: bytes) -> str:
    """Rows of a batch that no item can hold. The content is in the name: two workers may write
    different rows, and the item names the ones that stand.
    """
    digest = hashlib.sha256(content).hexdigest()[:16]
    return f"{job_files(job_id)}rows/{number:06d}-{digest}"


def upload_file(upload_id: str) -> str:
    """The file of an upload."""
    return f"uploads/{upload_id}"
