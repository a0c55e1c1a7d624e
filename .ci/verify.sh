#!/bin/bash
# Fails if a generated file differs from what is committed. Run after manifests.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
generated=(crds config/rbac docs/reference)
present=()
for path in "${generated[@]}"; do [ ! -e "$path" ] || present+=("$path"); done
changes=$(git status --porcelain -- "${present[@]}")
if [ -n "$changes" ]; then
    printf '%s\n' "$changes" >&2
    git --no-pager diff --stat -- "${present[@]}" >&2
    echo "verify: generated files are not up to date; run 'make manifests' and commit the result" >&2
    exit 1
fi
echo "verify: generated files are up to date"
