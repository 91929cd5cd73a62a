# Sourced by trixie.sh and arm64.sh: where Debian comes from, and who may fetch it.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
roots=$repository/cache/debian

# The archive that this machine's own apt uses, unless it is told otherwise.
mirror() {
    local known
    known=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
        2>/dev/null | grep -m1 -E '/debian/?$' || true)
    echo "${DEBIAN_MIRROR:-${known:-http://deb.debian.org/debian}}"
}

# require COMMAND PACKAGE
require() {
    command -v "$1" >/dev/null || {
        echo "$1 is missing: apt-get install $2" >&2
        exit 1
    }
}

require_root() {
    [ "$(id -u)" = 0 ] || {
        echo "it makes a Debian root, which takes root: sudo make $1" >&2
        exit 1
    }
}

# What git knows of this tree, as it lies here, changed or new: sources DESTINATION
sources() {
    (cd "$repository" && git ls-files -z --cached --others --exclude-standard |
        xargs -0 ls -d 2>/dev/null | tar -c --no-recursion -T -) | tar -x -C "$1"
}
