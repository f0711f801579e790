#!/bin/sh
# Sets up .venv, the Python environment of this folder: set_up.sh run|dev
#
# "run" installs what running and deploying need, "dev" the tools for tests and checks as well. Every
# `make` calls it first; it only looks where nothing has changed. PYTHON names the Python to use.
# Without it, an environment that works is kept and a new one is made with python3.
#
# Packages are called as `python -m`: the programs in .venv/bin hold the path of the folder, which may
# have spaces in it.
set -eu

kind=$1
python=${PYTHON:-python3}
in_venv=.venv/bin/python

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

version() {
    "$1" -c 'import sys; print(sys.version)' 2>/dev/null
}

# All that an environment of the kind $1 depends on. A complete environment holds a copy.
description() {
    pwd -P
    version "$in_venv" || return 1
    cat statemachine/set_up.sh requirements.txt statemachine/requirements.txt
    if [ "$1" = dev ]; then cat requirements-dev.txt; fi
}

is_ready() {
    [ -f ".venv/.ready-$1" ] && [ "$(description "$1")" = "$(cat ".venv/.ready-$1")" ]
}

is_wanted_python() {
    [ -z "${PYTHON:-}" ] || [ "$(version "$in_venv")" = "$(version "$PYTHON")" ]
}

# What to type instead.
advice() {
    for name in python3.13 python3.12 python3.11 python3.10; do
        if version "$name" >/dev/null; then
            echo "This machine has $name. Use it by adding PYTHON=$name, as in: make run PYTHON=$name"
            return
        fi
    done
    echo "Install it. If it is not called python3, add its name, as in: make run PYTHON=python3.12"
}

check_python() {
    if ! version "$python" >/dev/null; then
        fail "Python 3.10 or newer is needed, and there is no working $python." "$(advice)"
    fi
    number=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
        fail "Python 3.10 or newer is needed, and $python is Python $number." "$(advice)"
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        fail "$python comes without its modules venv and ensurepip, which are needed." \
            "On Debian and Ubuntu install them with: sudo apt install python$number-venv"
    fi
}

# The path of the Python; of the one below, if it is that of an active environment. .venv may be active,
# and Python 3.10 cannot make an environment again from within.
base_python() {
    "$python" -c 'import os, sys
print(sys.executable if sys.prefix == sys.base_prefix else os.path.realpath(sys.executable))'
}

# Both installers compile the packages to bytecode. Otherwise the first job does: each of its workers
# compiles the same modules at the same time.
install() {
    # uv needs seconds where pip needs a minute. Pip does it where uv cannot be had.
    # Neither installs what has another hash than the list.
    if "$in_venv" -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r statemachine/packages/installer.txt 2>/dev/null &&
        "$in_venv" -m uv pip install --quiet --compile-bytecode --require-hashes \
            --python "$in_venv" -r "$1"; then
        return
    fi
    "$in_venv" -m pip install --quiet --disable-pip-version-check --compile --require-hashes -r "$1"
}

if is_ready "$kind" && is_wanted_python; then
    exit
fi
if [ "$kind" = dev ] && [ ! -f .venv/.ready-dev ] && is_ready run && is_wanted_python; then
    echo "Adding the tools for tests and checks to .venv ..."
    rm .venv/.ready-run # until they are installed
else
    check_python
    echo "Setting up .venv; this takes about a minute, once ..."
    "$(base_python)" -m venv --clear .venv
fi
if [ "$kind" = dev ]; then install requirements-dev.txt; else install statemachine/requirements.txt; fi
description run >.venv/.ready-run
if [ "$kind" = dev ]; then description dev >.venv/.ready-dev; fi
