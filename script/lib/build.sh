# Configuring and building. Sourced, not run.

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  say "Building the preset $preset (a first build takes minutes; build/$preset)"
  quietly "configure-$preset" cmake --preset "$preset"
  cmake --build --preset "$preset" -- "$@" >&2
}
