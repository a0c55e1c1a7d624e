#!/bin/bash
# Regenerates what is generated from code: crds/*.yaml, docs/reference/, config/rbac/.
set -euo pipefail
cd "$(dirname "$0")/.."
configuration=${1:-Release}
dotnet run --project crds/Mesh.Api.Generator -c "$configuration" -v quiet -- "$PWD"
dotnet run --project operator/Mesh.Operator -c "$configuration" -v quiet -- rbac --output "$PWD/config/rbac/role.yaml"
