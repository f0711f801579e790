"""`chalice local` as a program that keeps up: a project, a stage and a port in, its routes out.

Chalice's own command answers a second request on a connection 43 ms late, because its server writes
unbuffered under Nagle's algorithm, and takes few connections at once; both are attributes here.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from chalice import local
from chalice.cli.factory import CLIFactory

_HOST = "127.0.0.1"


def serve(project: Path, stage: str, port: int) -> None:
    local.ChaliceRequestHandler.disable_nagle_algorithm = True
    local.ChaliceRequestHandler.wbufsize = -1
    local.ThreadedHTTPServer.request_queue_size = 128
    # With our own environment, which it sets the variables of the stage in.
    factory = CLIFactory(str(project), environ=os.environ)
    config = factory.create_config_obj(chalice_stage_name=stage)
    app = factory.load_chalice_app(config.scope(stage, "api_handler").environment_variables)
    factory.create_local_server(app, config, _HOST, port).serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve the routes of a Chalice project.")
    parser.add_argument("--project-dir", type=Path, required=True)
    parser.add_argument("--stage", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    sys.path.insert(0, str(options.project_dir))
    serve(options.project_dir, options.stage, options.port)


if __name__ == "__main__":
    main()
