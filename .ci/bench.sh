#!/bin/bash
# Runs the benchmarks (tests/Mesh.Benchmarks) and writes docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/compile.sh Release tests/Mesh.Benchmarks
exec tests/Mesh.Benchmarks/bin/Release/net10.0/Mesh.Benchmarks "$@"
