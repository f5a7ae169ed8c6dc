# Messages of the scripts, on standard error: standard output belongs to what a command was asked for.
# Sourced, not run.

say() { printf '\n==> %s\n' "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a step whose output matters only when it fails; the log is kept in build/log.
# quietly NAME COMMAND...
quietly() {
  local log="build/log/$1.log"
  shift
  mkdir -p build/log
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 60 "$log" >&2
    die "'$*' failed; its whole output is in $log"
  fi
}
