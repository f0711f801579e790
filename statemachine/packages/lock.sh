#!/bin/sh
# Writes from each .in file beside it what that needs in all, with versions and hashes, for every Python and
# platform: lock.sh [--upgrade]
#
# What is written already keeps its version, unless a .in file or --upgrade says otherwise.
set -eu

# Each list keeps to the versions of the one before.
before=
lock() {
    .venv/bin/python -m uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
        --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        ${before:+--constraint "$before"} $upgrade "statemachine/packages/$1.in" --output-file "$2"
    before=$2
}

upgrade=${1:-}
lock functions requirements.txt
lock deploy statemachine/requirements.txt
lock tests requirements-dev.txt
lock benchmarks tests/benchmarks/requirements.txt
lock installer statemachine/packages/installer.txt
