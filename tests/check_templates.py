"""Checks with cfn-lint what CloudFormation gets: the resources with their state machines, and the app.

python tests/check_templates.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "statemachine"))

from packing.archives import copy_project, package  # noqa: E402
from packing.project import read_config, wired  # noqa: E402
from packing.template import resources_template  # noqa: E402

#: What the outputs of the resources look like on AWS, by the ends of their names.
KINDS = {
    "RoleArn": "arn:aws:iam::123456789012:role/any",
    "Seconds": "60",
    "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:any",
    "": "any",
}


def app_template(folder: Path) -> str:
    """As `chalice package` makes it for a stage. The libraries are left out, but for one file, so that
    there is a layer: fetching them takes long and adds nothing to the template.
    """
    project, config = folder / "source", read_config(ROOT)
    names = re.findall(r"^  (\w+): \{Value:", resources_template(), re.MULTILINE)
    outputs = {name: next(KINDS[end] for end in KINDS if name.endswith(end)) for name in names}
    copy_project(ROOT, project, config)
    (project / "requirements.txt").write_text("", "utf-8")
    (project / "vendor").mkdir()
    (project / "vendor" / "any.py").write_text("", "utf-8")
    text, _ = package(project, wired(config, "prod", outputs), "prod", "a-bucket", folder)
    return text


def main() -> int:
    """The status of cfn-lint: 0 if it finds nothing."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # Chalice asks for one
    with tempfile.TemporaryDirectory() as temporary:
        resources, app = Path(temporary, "resources.yaml"), Path(temporary, "app.json")
        # cfn-lint looks at a state machine before its substitutions are made.
        text = resources_template(keeps_data=True).replace("arn:${Partition}:", "arn:aws:")
        resources.write_text(text, "utf-8")
        app.write_text(app_template(Path(temporary, "package")), "utf-8")
        # Not the program in .venv/bin: that holds the path of the folder, which may have spaces in it.
        # W2531 depends on the day: it tells when Lambda deprecates the version of this Python. deploy.py refuses
        # such a version itself.
        ignored = ("--ignore-checks", "W2531")
        program = "from cfnlint.runner.cli import main; main()"
        return subprocess.call(
            [sys.executable, "-c", program, *ignored, "--", str(resources), str(app)]
        )


if __name__ == "__main__":
    sys.exit(main())
