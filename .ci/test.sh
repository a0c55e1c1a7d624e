#!/bin/bash
# Builds and runs the test projects, each a program of its own, and ends with one line of counts over all of them.
# Usage: .ci/test.sh [CONFIGURATION [PROJECT…]]; the words in MESH_TEST_ARGS go to each test program.
# MESH_TEST_REQUIRE=netns,cases,… turns the named skips into failures (all = every one).
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Release}
shift || true

if [ $# -gt 0 ]; then
    projects=("$@")
    .ci/compile.sh "$configuration" "${projects[@]/#/tests/}"
else
    # End to end last: it is the longest, and what breaks it usually shows earlier in a smaller test.
    mapfile -t projects < <(find tests -maxdepth 1 -name '*.Tests' -printf '%f\n' | grep -v '^Mesh.EndToEnd.Tests$' | sort; echo Mesh.EndToEnd.Tests)
    echo "building the tests ..."
    .ci/compile.sh "$configuration" Mesh.Operator.sln
fi
# shellcheck disable=SC2206
arguments=(--no-ansi --progress off ${MESH_TEST_ARGS:-})

passed=0 failed=0 skipped=0 broken=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
count() { awk -v key="  $1:" 'index($0, key) == 1 { n = $2 } END { print n + 0 }' "$log"; }
for project in "${projects[@]}"; do
    printf '== %s\n' "$project"
    started=$SECONDS status=0
    # The limit only ends what hangs; a run that meets it counts as a failure.
    timeout --kill-after=20 "${MESH_TEST_LIMIT:-900}" \
        "tests/$project/bin/$configuration/net10.0/$project" "${arguments[@]}" 2>&1 </dev/null |
        tee "$log" | grep -Ev '^  (total|failed|succeeded|skipped|duration): |^Test run summary|^$|^warning: --no-progress' || status=${PIPESTATUS[0]}
    project_failed=$(count failed)
    if [ "$status" = 8 ] && [ "$(count total)" = 0 ]; then
        status=0
    elif [ "$status" != 0 ] && [ "$project_failed" = 0 ]; then
        echo "   $project ended with $status and no failed test: counted as one failure"
        project_failed=1
    fi
    passed=$((passed + $(count succeeded))) failed=$((failed + project_failed)) skipped=$((skipped + $(count skipped)))
    [ "$project_failed" = 0 ] || broken+=("$project")
    echo "   $(count succeeded) passed, $project_failed failed, $(count skipped) skipped; $((SECONDS - started)) s"
done
[ ${#broken[@]} = 0 ] || echo "failed in: ${broken[*]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
