#!/usr/bin/env bash
# Builds the wheel and the sdist, installs each with its dependencies into an empty
# environment, far from the source tree, and runs what was installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
lock=$PWD/requirements.lock
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

.venv/bin/python -m hatchling build -d "$work/dist" 2>/dev/null
for built in "$work"/dist/*; do
    echo "--- $(basename "$built"), $(du -k "$built" | cut -f1) kB"
    rm -rf "$work/fresh"
    "$python" -m venv "$work/fresh"
    cd "$work"
    fresh/bin/pip install --quiet --constraint "$lock" "$built"
    fresh/bin/python -c "import soundfile
from genre_daemon.sources.demo import Demo
with Demo(paced=False) as demo, soundfile.SoundFile('demo.wav', 'w', Demo.rate, 1) as file:
    for _ in range(80): file.write(demo.read(30.0).samples)"
    fresh/bin/genre-daemon file demo.wav
    fresh/bin/genre-daemon model >model.txt
    head -n 1 model.txt
    fresh/bin/genre-listen --help >/dev/null
    packages=$(fresh/bin/pip list --format freeze | grep -cvE '^(pip|setuptools|genre-listen)=')
    echo "$packages packages beside it," \
        "$(du -sm --exclude='__pycache__' --exclude='pip*' fresh/lib | cut -f1) MB without bytecode"
    if fresh/bin/pip list | grep -iE '^(tensorflow|keras|librosa|numba|scipy|matplotlib) '; then
        echo "that is too heavy for the daemon" >&2
        exit 1
    fi
done
