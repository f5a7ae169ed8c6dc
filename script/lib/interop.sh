# The npm packages of the interop tests: a real FHIR client and a current Node. Sourced, not run.

install_interop() {
  local folder=tests/interop sum
  [ -f "$folder/package.json" ] || return 0
  sum=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
  [ "$(cat "$folder/node_modules/.installed" 2>/dev/null)" = "$sum" ] && return 0
  say "Installing the npm packages of the interop tests"
  quietly npm-ci npm ci --prefix "$folder" --no-audit --no-fund
  printf '%s\n' "$sum" >"$folder/node_modules/.installed"
}
