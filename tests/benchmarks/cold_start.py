"""What a new process of a function computes before its first answer, from the package as it is deployed:
``python tests/benchmarks/cold_start.py [folder of a project ...]``.

It packs each project, and runs it with and without its bytecode, in turn, in processes of their own. The
figures are CPU seconds (user and system), at least and in the middle. Python itself, Chalice's runtime and
boto3 have their bytecode always, as on Lambda.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 9
PARTS = ("import app", "the clients", "the first row")
_CHILD = """
import json, resource
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
marks = [cpu()]
import app
marks.append(cpu())
from chalicelib.services import services
made = services()
marks.append(cpu())
from chalicelib.files.rows import parse_row
columns = {"full_name": [0], "email": [1], "phone": [2], "company": [3]}
row = parse_row(["Ada Example", "ada@example.org", "+12025550123", "Example"], list("abcd"), columns)
offline = made.providers.create("offline")
assert offline.enrich([row.contact], offline.fields)
marks.append(cpu())
print(json.dumps([b - a for a, b in zip(marks, marks[1:])]))
"""
_ENVIRONMENT = {
    **dict.fromkeys(
        ("DYNAMO_TABLE_NAME", "CONTROL_TABLE_NAME", "ACCESS_TABLE_NAME", "S3_BUCKET_NAME"), "x"
    ),
    **{"SQS_QUEUE_URL": "https://example.org/x", "STATE_MACHINE_ARN": "x", "STAGE": "prod"},
    **{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"},
}
_PACK = """
import sys
from pathlib import Path
try:
    from packing.archives import package
    from packing.project import read_config, wired
except ImportError:
    from project import package, read_config, wired
root = Path(sys.argv[1])
config = read_config(root)
roles = {name.title().replace("_", "") + "RoleArn": "a-role" for name in config["lambda_functions"]}
package(root, wired(config, "prod", roles), "prod", "a-bucket", Path(sys.argv[2]))
"""


def unpack(root: Path, folder: Path) -> list[Path]:
    """Pack the project, unpack what a function finds, and say how large it is."""
    environ = {**os.environ, **_ENVIRONMENT, "PYTHONPATH": str(root / "statemachine")}
    command = [sys.executable, "-c", _PACK, str(root), str(folder)]
    subprocess.run(command, env=environ, check=True)
    for archive in sorted((folder / "out").glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder / archive.stem)
            inflated = sum(entry.file_size for entry in opened.infolist())
        kilobytes = archive.stat().st_size // 1000
        print(f"  {archive.name}: {kilobytes:,} KB, {inflated // 1000:,} KB unzipped")
    layer = next(folder.glob("layer-deployment/python/lib/*/site-packages"))
    return [folder / "deployment", layer]


def measure(path: list[Path]) -> list[float]:
    environ = {**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(map(str, path))}
    run = [sys.executable, "-B", "-c", _CHILD]
    done = subprocess.run(run, env=environ, cwd=path[0], capture_output=True, text=True, check=True)
    return list(map(float, json.loads(done.stdout)))


def main() -> None:
    roots = [Path(name).resolve() for name in sys.argv[1:]] or [ROOT]
    with tempfile.TemporaryDirectory() as tmp:
        variants: dict[str, list[Path]] = {}
        for number, root in enumerate(roots):
            print(f"{root}:")
            packed, bare = Path(tmp) / f"{number}-packed", Path(tmp) / f"{number}-bare"
            path = unpack(root, packed)
            shutil.copytree(packed, bare, ignore=shutil.ignore_patterns("*.pyc"), symlinks=True)
            variants[f"{root.name}, as packed"] = path
            variants[f"{root.name}, without bytecode"] = [
                bare / p.relative_to(packed) for p in path
            ]
        figures: dict[str, list[list[float]]] = {name: [] for name in variants}
        for _ in range(RUNS):
            for name, path in variants.items():
                figures[name].append(measure(path))
    for name, runs in figures.items():
        print(f"{name}:")
        for number, part in enumerate((*PARTS, "together")):
            seconds = [(*run, sum(run))[number] for run in runs]
            print(f"  {part}: {min(seconds):.3f} s, {statistics.median(seconds):.3f} s")


if __name__ == "__main__":
    main()
