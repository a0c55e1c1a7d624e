#!/bin/bash
# dotnet build that speaks only when something is wrong. Usage: .ci/compile.sh CONFIGURATION PROJECT…
# -noAutoResponse: a Directory.Build.rsp in some folder above the checkout must not change what is built or checked.
set -euo pipefail
configuration=$1
shift
for project in "$@"; do
    log=$(mktemp)
    if ! dotnet build "$project" -c "$configuration" -v quiet --nologo --tl:off -noAutoResponse > "$log" 2>&1; then
        grep -E 'error|warning' "$log" | sort -u >&2 || cat "$log" >&2
        rm -f "$log"
        echo "build: $project does not build" >&2
        exit 1
    fi
    rm -f "$log"
done
