#!/usr/bin/env bash
# Runs the tests in every Python that is promised and found here: the daemon's where
# nothing but the daemon is installed, and those of training and export with TensorFlow.
# PARTS=daemon does only the former (TensorFlow is a gigabyte for each Python).
set -uo pipefail
cd "$(dirname "$0")/../.."

# A Python that runs: a shim of pyenv is there for versions that are not chosen, too.
find_python() {
    local candidate
    for candidate in "python$1" "$HOME/.pyenv/versions/$1".*/bin/python; do
        "$candidate" -c '' 2>/dev/null && command -v "$candidate" && return
    done
}

daemon() { # python environment
    "$1" -m venv "$2" &&
        "$2/bin/pip" install --quiet --upgrade 'pip>=25.1' &&
        "$2/bin/pip" install --quiet --constraint requirements.lock \
            --editable '.[plot]' hatchling hypothesis packaging pytest &&
        "$2/bin/python" -m pytest -q \
            tests/daemon tests/packaging tests/portability tests/test_architecture.py
}

training() { # python environment
    make --no-print-directory test PYTHON="$1" VENV="$2" ARGS="-q tests/train tests/export"
}

failed=0
report=()
for version in 3.11 3.12 3.13; do
    python=$(find_python "$version")
    if [ -z "$python" ]; then
        report+=("Python $version: skipped, there is none")
        continue
    fi
    for part in ${PARTS:-daemon training}; do
        echo "--- Python $version: $part"
        if "$part" "$python" ".venv-$version-$part"; then
            report+=("Python $version: $part passed")
        else
            report+=("Python $version: $part FAILED")
            failed=1
        fi
    done
done
printf '%s\n' "${report[@]}"
exit "$failed"
