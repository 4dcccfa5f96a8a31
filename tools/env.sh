# Sourced by every script: the project's own node, where tools/setup had to fetch one, comes first.
# Debian 12 has node 18; the end-to-end tests and the checks need 20.

project_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [[ -x $project_root/.tools/bin/node ]]; then
  PATH="$project_root/.tools/bin:$PATH"
fi
export PATH

# What one clone has compiled, another finds: paths are taken relative to the project.
export CCACHE_BASEDIR="$project_root" CCACHE_NOHASHDIR=1
