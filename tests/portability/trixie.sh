#!/usr/bin/env bash
# Follows the README in a bare Debian 13 (trixie): installs, listens, names the genre of
# recordings, and runs the daemon's tests. Takes root and debootstrap; DATA=folder gives
# it real music. Downloads some 150 MB the first time.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
require_root test-trixie
require debootstrap debootstrap

# Mounts and processes live in namespaces of their own, and are gone with the process that
# is started here however it ends: by an error, by Ctrl-C, by SIGKILL. Only files are left,
# and those are removed when it has ended.
trap 'exit 130' INT TERM
if [ -z "${GENRE_LISTEN_LAYER-}" ]; then
    mkdir -p "$roots"
    layer=$(mktemp -d "$roots/run.XXXXXX")
    trap 'rm -rf "$layer"' EXIT
    GENRE_LISTEN_LAYER=$layer \
        unshare --mount --propagation private --pid --fork --kill-child "$0"
    exit
fi
layer=$GENRE_LISTEN_LAYER

base=$roots/trixie-amd64
if [ ! -e "$base/.complete" ]; then
    echo "making a Debian 13 in $base ..."
    rm -rf "$base"
    mkdir -p "$base"
    # What the README asks for beforehand, and no more.
    debootstrap --variant=minbase --include=ca-certificates,git,make,python3-venv \
        trixie "$base" "$(mirror)" >"$base.log" || { tail "$base.log" >&2; exit 1; }
    touch "$base/.complete"
fi

# Every run begins with that Debian as it was: changes go into a layer of their own.
mkdir "$layer"/{changes,work,root}
root=$layer/root
mount -t overlay overlay \
    -o "lowerdir=$base,upperdir=$layer/changes,workdir=$layer/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
cp -L /etc/resolv.conf "$root/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
mkdir "$root/music" "$root/root/genre-listen"
[ -z "${DATA-}" ] || mount --bind -o ro "$DATA/demo" "$root/music"
sources "$root/root/genre-listen"

# Of our environment, what a network may need is passed on.
mapfile -t network < <(env | grep -E '^(https?_proxy|no_proxy|PIP_(CERT|INDEX_URL|DEFAULT_TIMEOUT))=' || true)
chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin "${network[@]}" \
    bash -euo pipefail -s <<'INSIDE'
cd /root/genre-listen
. /etc/os-release
echo "--- $PRETTY_NAME, $(uname -m), $(python3 --version)"
make listen ARGS="--duration 20"
shopt -s nullglob
music=(/music/*.ogg)
if [ ${#music[@]} = 0 ]; then
    .venv/bin/python -c "import soundfile
from genre_daemon.sources.demo import Demo
with Demo(paced=False) as demo, soundfile.SoundFile('/tmp/demo.wav', 'w', Demo.rate, 1) as file:
    for _ in range(120): file.write(demo.read(30.0).samples)"
    music=(/tmp/demo.wav)
fi
echo "--- genre-daemon file"
.venv/bin/genre-daemon file "${music[@]}"
echo "--- the daemon's tests"
.venv/bin/pip install --quiet --constraint requirements.lock \
    hatchling hypothesis packaging pytest
.venv/bin/python -m pytest -q tests/daemon tests/packaging tests/test_architecture.py
INSIDE
echo "Debian 13: installed, listened, tested"
