#!/usr/bin/env bash
# Runs the daemon as a 64-bit Raspberry Pi would: Debian 13 for aarch64, the wheels that a
# Pi installs, and qemu, which translates one instruction set into the other. Compares the
# verdicts with this machine's, runs the core tests, and estimates the load of four Pis.
# Takes root and debootstrap; DATA=folder gives it real music.
#
# Nothing of the other machine type is ever executed by the kernel, so that neither
# binfmt_misc nor a chroot is needed: packages are unpacked, and `python` below is a
# script that calls the emulator. To Python it is the interpreter of a virtual environment.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
require_root arm64
require debootstrap debootstrap
require qemu-aarch64 qemu-user

root=$roots/trixie-arm64
python=$repository/.venv/bin/python
if [ ! -e "$root/.complete" ]; then
    echo "unpacking a Debian 13 for aarch64 in $root ..."
    rm -rf "$root"
    mkdir -p "$root"
    debootstrap --foreign --arch=arm64 --variant=minbase --include=python3,libportaudio2 \
        trixie "$root" "$(mirror)" >"$root.log" || { tail "$root.log" >&2; exit 1; }
    for package in "$root"/var/cache/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$root"
    done
    touch "$root/.complete"
fi
# The emulator shows /proc/cpuinfo of this machine, which LiteRT's CPU detection takes
# for an Arm and crashes on (seen with LiteRT 2.3.0 and qemu 7.2; qemu 10 mends it).
"$python" -m benchmarks.cores "$root"

pi=$roots/pi
rm -rf "$pi"
mkdir -p "$pi/bin"
cat >"$pi/bin/python" <<END
#!/bin/sh
exec qemu-aarch64 -cpu \${QEMU_CORE:-cortex-a53} \${QEMU_PLUGIN:+-plugin \$QEMU_PLUGIN} \\
    -L "$root" -0 "\$0" "$root/usr/bin/python3.13" "\$@"
END
chmod +x "$pi/bin/python"
printf 'home = %s/usr/bin\nversion = 3.13\n' "$root" >"$pi/pyvenv.cfg"

echo "installing aarch64 wheels ..."
"$python" -m pip install --quiet uv
(cd "$repository" && "$python" -m hatchling build -t wheel -d "$pi/dist") >/dev/null
"$repository/.venv/bin/uv" pip install --quiet --constraint "$repository/requirements.lock" \
    --python-platform aarch64-unknown-linux-gnu --python-version 3.13 \
    --only-binary :all: --target "$pi/lib/python3.13/site-packages" \
    "$pi"/dist/*.whl hypothesis pytest

echo "--- verdicts of $("$pi/bin/python" -c 'import platform as p
print(p.machine(), "Python", p.python_version())') and of $(uname -m)"
music=()
[ -z "${DATA-}" ] || music=(--music "$DATA"/demo/*.ogg)
cd "$repository"
"$python" -m tests.portability.verdicts "$pi/bin/python" --tolerance 0.03 "${music[@]}"

echo "--- core tests"
"$pi/bin/python" -m pytest -q -p no:cacheprovider --hypothesis-profile ci \
    tests/daemon/features tests/daemon/inference tests/daemon/test_smoothing.py \
    tests/daemon/test_pipeline.py

echo "--- expected load"
"$python" -m benchmarks.pi "$pi/bin/python" "$root" "${DATA-}"
