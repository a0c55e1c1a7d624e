#!/bin/bash
# Builds and runs the test projects, each a program of its own, and ends with one line of counts over all of them.
# Usage: .ci/test.sh [CONFIGURATION [PROJECT…]]; the words in MESH_TEST_ARGS go to each test program.
# MESH_TEST_REQUIRE=netns,cases,… turns the named skips into failures (all = every one).
# Real processes on a busy machine can miss a deadline: what failed is run once more at the end, alone. What passes then is
# counted as passed and named with what went wrong before; what fails twice has failed, and the last lines say why.
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

passed=0 failed=0 skipped=0 broken=() again=()
log=$(mktemp) failures=$(mktemp)
trap 'rm -f "$log" "$failures"' EXIT
# What went wrong, a few lines a test.
told() { awk '/^failed / { lines = 6 } /^(passed|skipped) |^$/ { lines = 0 } lines-- > 0' "$log" | cut -c1-300; }
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
    if [ "$project_failed" != 0 ]; then
        broken+=("$project")
        told >> "$failures"
        mapfile -t names < <(sed -nE 's/^failed ([A-Za-z0-9_.+]+).*/\1/p' "$log" | sort -u)
        again+=("$project $project_failed ${names[*]}")
    fi
    echo "   $(count succeeded) passed, $project_failed failed, $(count skipped) skipped; $((SECONDS - started)) s"
done
if [ ${#broken[@]} != 0 ]; then
    echo "failed in: ${broken[*]}"
    cat "$failures"
fi
# A test that many failed beside is no matter of time: then nothing is run again.
if [ "$failed" -gt 0 ] && [ "$failed" -le "${MESH_TEST_AGAIN:-5}" ]; then
    for entry in "${again[@]}"; do
        read -r -a words <<< "$entry"
        project=${words[0]} project_failed=${words[1]} names=("${words[@]:2}")
        [ ${#names[@]} != 0 ] || continue
        echo "== $project once more, alone: ${names[*]}"
        status=0
        timeout --kill-after=20 "${MESH_TEST_LIMIT:-900}" "tests/$project/bin/$configuration/net10.0/$project" \
            "${arguments[@]}" --filter-method "${names[@]}" > "$log" 2>&1 </dev/null || status=$?
        if [ "$status" = 0 ] && [ "$(count succeeded)" -ge "$project_failed" ]; then
            passed=$((passed + project_failed)) failed=$((failed - project_failed))
            echo "   passed at the second try only: look into it"
        else
            told
        fi
    done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
