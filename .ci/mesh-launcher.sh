#!/bin/sh
# The mesh command of this clone; works from any directory and through symbolic links.
here=$(dirname "$(readlink -f "$0")")
if [ -n "${DOTNET_ROOT:-}" ] && [ -x "$DOTNET_ROOT/dotnet" ]; then
    exec "$DOTNET_ROOT/dotnet" "$here/cli/mesh.dll" "$@"
fi
exec dotnet "$here/cli/mesh.dll" "$@"
