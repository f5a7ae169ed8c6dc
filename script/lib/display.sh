# A display for machines that have none. Sourced, not run.

xvfb_pid=

# Starts a virtual display when there is no real one, and exports DISPLAY. It ends with the script.
ensure_display() {
  [ -n "${DISPLAY:-}" ] && return 0
  local pipe number
  pipe=$(mktemp -u)
  mkfifo "$pipe"
  # Xvfb chooses a free number itself and writes it once it is ready: no race, no guessing. Without -noreset it would start
  # anew whenever the last window closes, and refuse one that opens at that moment.
  Xvfb -displayfd 3 -noreset -screen 0 1440x900x24 -nolisten tcp 3>"$pipe" >/dev/null 2>&1 &
  xvfb_pid=$!
  trap stop_display EXIT
  read -r -t 30 number <"$pipe" || number=
  rm -f "$pipe"
  [ -n "$number" ] || die "Xvfb did not start; try 'Xvfb -displayfd 1' to see why"
  export DISPLAY=":$number"
}

stop_display() {
  [ -n "$xvfb_pid" ] && kill "$xvfb_pid" 2>/dev/null
  xvfb_pid=
}
