#!/bin/sh
# Set up .venv with the pinned packages of one list: "run" or "dev" (which holds all of "run").
# Does nothing when they are already there. PYTHON names the interpreter to use.
set -eu

list=$1
cd "$(dirname "$0")/.."

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Trustdesk needs Python 3.11 or newer; none was found. Install it, or name it: make run PYTHON=/path/to/python3" >&2
    exit 1
}

make_environment() {
    python=$(find_python)
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "This Python lacks its venv module. On Debian and Ubuntu: apt-get install python$version-venv" >&2
        exit 1
    fi
    rm -rf .venv
    "$python" -m venv .venv
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_environment
fi

installed() { cmp -s "requirements/$1.txt" ".venv/installed-$1.txt"; }

if ! installed "$list"; then
    echo "Installing the pinned packages (about a minute the first time) …"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r "requirements/$list.txt"
    cp "requirements/$list.txt" ".venv/installed-$list.txt"
    if [ "$list" = dev ]; then
        cp requirements/run.txt .venv/installed-run.txt
    fi
fi
