#!/usr/bin/env bash
# Asks the package index whether what the lock file pins can be installed as wheels, on
# every Python and machine that is promised: the daemon, and everything.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH"
pip install --quiet uv

resolve() { # what python machine option...
    local what=$1 python=$2 machine=$3 resolved
    shift 3
    resolved=$(uv pip compile pyproject.toml "$@" --quiet --no-header --no-annotate \
        --constraint requirements.lock --only-binary :all: \
        --python-version "$python" --python-platform "$machine-unknown-linux-gnu")
    # A constraint does not bind what it does not name: all has to be in the lock.
    comm -23 <(sort <<<"$resolved") <(sed 's/ ;.*//' requirements.lock | sort) >"$unpinned"
    if [ -s "$unpinned" ]; then
        echo "not in requirements.lock ('make lock' resolves anew):" >&2
        cat "$unpinned" >&2
        exit 1
    fi
    echo "Python $python $machine: $what, $(wc -l <<<"$resolved") packages, all as wheels"
}

unpinned=$(mktemp)
trap 'rm -f "$unpinned"' EXIT
for python in 3.11 3.12 3.13; do
    for machine in x86_64 aarch64; do
        resolve "the daemon" "$python" "$machine" --extra plot
        resolve "everything" "$python" "$machine" --all-extras --group dev
    done
done
