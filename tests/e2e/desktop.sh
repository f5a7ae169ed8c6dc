# A person at a screen: an X server of its own, the program in a window on it, and xdotool for hands. What is seen is the
# text that the window shows (`--text`); nothing is asked of the program beside it. Sourced by run, with its variables.

readonly patience=30 # seconds until what should be seen counts as not coming
x_server= window_process= served_process=

fail() {
  echo "    $*" >&2
  [ -s "$work/screen" ] && { echo "    The window shows:" && screen | cut -f5 | paste -sd '|' | fold -w 118 | sed 's/^/      /'; } >&2
  exit 1
}

# --- the screen and what runs on it

start_x_server() {
  mkfifo "$work/display"
  # It writes the number that it found free once it is ready. Without -noreset it would start anew when a window closes.
  Xvfb -displayfd 3 -noreset -screen 0 1440x900x24 -nolisten tcp 3>"$work/display" >/dev/null 2>&1 &
  x_server=$!
  local number
  read -r -t "$patience" number <"$work/display" || fail "Xvfb did not start; script/setup installs it"
  export DISPLAY=":$number"
  unset WAYLAND_DISPLAY
}

# open_window PICTURE ARGUMENT...: the program in front of the screen. The last frame of its window becomes PICTURE.png.
open_window() {
  local picture=$pictures/$1.png
  shift
  rm -f "$work/screen"
  "$program" "$@" --text "$work/screen" --screenshot "$picture" --settings "$work/settings.json" \
    >"$work/out" 2>"$work/err" &
  window_process=$!
  until_true "the program opens a window" has_window
}

has_window() {
  [ -s "$work/screen" ] || { still_runs && return 1; }
  window=$(xdotool search --onlyvisible --name '^fhirscope$' | tail -1) && [ -n "$window" ] && xdotool windowfocus "$window"
}

still_runs() { kill -0 "$window_process" 2>/dev/null || fail "the program has ended: $(cat "$work/err")"; }

# Presses the key for it. The exit code has to be 0.
quit_window() {
  press ctrl+q
  until_true "the program ends" has_ended
  local code=0
  wait "$window_process" || code=$?
  window_process=
  [ "$code" = 0 ] || fail "the program ended with $code: $(cat "$work/err")"
}

has_ended() { ! kill -0 "$window_process" 2>/dev/null; }

# serve ARGUMENT...: the demo's server, at $url.
serve() {
  "$program" serve --client-id board --client-secret the-demo-s-own "$@" >"$work/served" 2>&1 &
  served_process=$!
  until_true "the server listens" grep -q '^listening on ' "$work/served"
  url=$(sed -n 's/^listening on //p' "$work/served")
}

# Ends what was started here, by its id.
clear_desk() {
  local process
  for process in $window_process $served_process $x_server; do
    kill "$process" 2>/dev/null
    wait "$process" 2>/dev/null
  done
  rm -rf "$work"
}

# --- eyes

# until_true WHAT COMMAND...: polls.
until_true() {
  local what=$1 end=$((SECONDS + patience))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || fail "not seen: $what"
    sleep 0.02
  done
}

# Of one frame: x, y, width, height and text, separated by tabs.
screen() { tail -n +2 "$work/screen" | sed 's/\xc2\xa0/ /g'; }
frames() { head -1 "$work/screen" | cut -f2; }

sees() { screen | cut -f5 | grep -qF -- "$1"; }
sees_not() { ! sees "$1"; }
wait_for() { until_true "\"$1\"" sees "$1"; }
wait_until_gone() { until_true "without \"$1\"" sees_not "$1"; }

# place_of TEXT [BESIDE]: its own line of screen(), one that is TEXT before one that has it as a part; of several, the first
# in the line of BESIDE.
place_of() {
  local x y=0 w h=100000 rest
  [ -z "${2:-}" ] || IFS=$'\t' read -r x y w h rest < <(place_of "$2") || return 1
  screen | text=$1 awk -F '\t' -v top="$y" -v bottom=$((y + h)) '
    $2 + $4 / 2 < top || $2 + $4 / 2 > bottom { next }
    $5 == ENVIRON["text"] { whole = $0; exit }
    part == "" && index($5, ENVIRON["text"]) { part = $0 }
    END { if (whole part == "") exit 1; print whole != "" ? whole : part }'
}

# Everything in the line of a text, from the left, joined by " | ".
line_of() {
  local x y w h rest
  IFS=$'\t' read -r x y w h rest < <(place_of "$1") || return 0
  screen | sort -n | awk -F '\t' -v middle=$((y + h / 2)) '
    $2 <= middle && middle < $2 + $4 { printf "%s%s", between, $5; between = " | " } END { print "" }'
}
line_has() { [[ $(line_of "$1") == *"$2"* ]]; }
wait_for_line() { until_true "\"$2\" in the line of \"$1\"" line_has "$1" "$2"; }

# --- hands

# press KEY...: as xdotool calls them, "ctrl+k". As fingers do, and other than by `xdotool key`, the key comes up before Ctrl.
press() {
  local chord key held
  for chord; do
    key=${chord##*+} held=()
    [ "$key" = "$chord" ] || IFS=+ read -ra held <<<"${chord%+*}"
    act ${held[@]/#/keydown } keydown "$key" keyup "$key" ${held[@]/#/keyup }
  done
}
type_text() {
  settle # a field that a key opens has the keyboard a few frames later
  xdotool type --delay 10 -- "$1"
}
click_at() {
  point "$1" "$2"
  settle # a row answers where the pointer was in the frame before
  act click 1
}
point() { act mousemove "$1" "$2"; }
act() {
  acted_at=$(frames)
  xdotool "$@"
}
# Until the last act has led to a few frames, as a person sees what came of it.
settle() { until_true "more frames" drawn_since "$acted_at"; }
drawn_since() { [ "$(frames)" -ge $(($1 + 3)) ]; }
# click TEXT [BESIDE]: waits for it.
click() {
  local x y w h rest
  until_true "\"$1\"" place_of "$@" >/dev/null
  IFS=$'\t' read -r x y w h rest < <(place_of "$@")
  click_at $((x + w / 2)) $((y + h / 2))
}
resize() {
  xdotool windowsize "$window" "$1" "$2"
  until_true "a size of $1x$2" has_size "$1" "$2"
}
has_size() { [ "$(head -1 "$work/screen" | cut -f3,4)" = "$1"$'\t'"$2" ]; }
# run_command WORDS COMMAND: by the list of commands.
run_command() {
  press ctrl+k
  type_text "$1"
  wait_for "$2"
  press Return
}
