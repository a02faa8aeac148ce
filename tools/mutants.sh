#!/bin/sh
# Mutation testing of the files that [tool.mutmut] in pyproject.toml names: each is changed in one place, and the tests must notice.
# Takes half an hour on two cores; ONLY=wrap takes one file. Prints the counts, then every change that no test noticed; docs/assurance.md explains those.
#
# Rules: .venv is there (make env). mutmut, which is in no lock, gets an environment of its own that borrows .venv's packages; everything
# happens in a copy, build/mutants.

set -eu
cd "$(dirname "$0")/.."
MUTMUT=3.8.1
CHILDREN=${CHILDREN:-2}

own=$PWD/build/mutmut copy=$PWD/build/mutants
if [ ! -x "$own/bin/mutmut" ]; then
    rm -rf "$own"
    .venv/bin/python -m venv "$own"
    "$own/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --only-binary=:all: "mutmut==$MUTMUT"
    packages='import sysconfig; print(sysconfig.get_path("purelib"))'
    .venv/bin/python -c "$packages" >"$("$own/bin/python" -c "$packages")/borrowed.pth"
fi

rm -rf "$copy"
mkdir -p "$copy"
cp -R portal tests tools docs policies migrations pyproject.toml config.example.toml wsgi.py "$copy"
cd "$copy"
"$own/bin/mutmut" run --max-children "$CHILDREN" ${ONLY:+"portal.vault.$ONLY.*"} >../mutants.log 2>&1 || { tail -n 20 ../mutants.log >&2; exit 1; }
tr '\r' '\n' <../mutants.log | tail -n 2
"$own/bin/mutmut" results | awk -F': *' 'NF == 2 { gsub(/ /, "", $1); print $1, $2 }' | while read -r name fate; do
    [ "$fate" != "not checked" ] || continue # not of the file that was asked for
    echo "## $name: $fate"
    "$own/bin/mutmut" show "$name" | grep '^[-+][^-+]' || true
done
