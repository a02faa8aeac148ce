#!/bin/sh
# Opens every document of one body with its recovery identity, and needs nothing of the portal: only age, sha256sum, wc and cut.
#
#   sh recover.sh IDENTITY OBJECTS OUT
#
# IDENTITY  the file with the line AGE-SECRET-KEY-..., from wherever it is kept offline
# OBJECTS   a copy of the store: the folder of the portal's objects, or a bucket copied into a folder
# OUT       where the documents go: a folder that is not there yet, on a disk that is encrypted
set -eu
umask 077
[ $# -eq 3 ] || { echo "usage: sh recover.sh IDENTITY OBJECTS OUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
identity=$1 objects=$2 out=$3
mkdir "$out"
opened=0 failed=0
tab=$(printf '\t')

found() { # the object of this key, however the copy is laid out
    if [ -f "$objects/$1" ]; then echo "$objects/$1"; return; fi
    echo "$objects/$(echo "$1" | cut -c1-2)/$(echo "$1" | cut -c3-4)/$1"
}

open_one() {
    payload=$(found "$1") header=$here/headers/$1.age-header
    [ -f "$header" ] || header=$(found "$1.age-header")
    [ -f "$payload" ] && [ -f "$header" ] || { echo "GONE     $4" >&2; return 1; }
    [ "$(sha256sum <"$header" | cut -c1-64)" = "$2" ] || { echo "HEADER   $4: not the one of the list" >&2; return 1; }
    [ "$(($(wc -c <"$payload")))" = "$3" ] || { echo "SIZE     $4" >&2; return 1; }
    cat "$header" "$payload" | age -d -i "$identity" >"$out/$4.part" || { rm -f "$out/$4.part"; echo "BROKEN   $4" >&2; return 1; }
    mv "$out/$4.part" "$out/$4"
}

while IFS=$tab read -r key header size name; do
    if open_one "$key" "$header" "$size" "$name" </dev/null; then opened=$((opened + 1)); else failed=$((failed + 1)); fi
done <"$here/objects.tsv"
echo "opened $opened, failed $failed"
[ "$failed" = 0 ]
