# The main ways through the window beside the walks.

test_a_demo_is_started_and_closed_and_another_one_started() {
  open_window start start
  click "Start demo"
  wait_for Live
  wait_for "Cardiology follow-up"
  run_command "close the session" "Close the session"
  wait_for "Choose where the updates come from"
  click "Busy clinic"
  click "Start demo"
  wait_for_line Live "Busy clinic"
  quit_window
}

test_the_connect_form_is_checked_while_typing_and_shows_no_secret() {
  open_window connect start
  click "Ask once"
  click "never shown, never stored"
  type_text "a-secret-word"
  wait_for "******"
  sees a-secret-word && fail "the secret is shown"
  click "https://api.medplum.com/"
  type_text "api.example/fhir"
  wait_for "Begins with https://"
  press ctrl+a
  type_text "https://api.example/fhir"
  wait_until_gone "Begins with https://"
  quit_window
  grep -rqF a-secret-word "$work" && fail "the secret was written"
  return 0
}

test_a_recording_is_opened_and_its_past_looked_at() {
  "$program" demo --headless --seconds 5 --record "$work/demo.fhirscope" >"$work/recorded" 2>&1 || fail "$(cat "$work/recorded")"
  open_window recording start
  press ctrl+o
  type_text "$work/demo.fhirscope"
  press Return
  wait_for Recorded
  press ctrl+2
  wait_for_line socket applied
  local x y rest
  IFS=$'\t' read -r x y rest < <(place_of Markers)
  point 1200 $((y - 10))
  settle
  act keydown shift mousedown 1 mousemove 1300 $((y - 10)) mousemove 1400 $((y - 10))
  settle
  xdotool mouseup 1 keyup shift
  wait_for "Chosen range"
  press Escape
  wait_until_gone "Chosen range"
  click_at 1250 $((y - 10))
  wait_for "As of"
  press shift+End
  wait_for Recorded
  quit_window
}

test_the_log_is_filtered_corrected_followed_and_its_filter_kept() {
  open_window log demo
  wait_for Live
  press ctrl+2
  wait_for_line socket applied
  press slash
  type_text "typ:Patient"
  wait_for '"typ" is not a field. Perhaps type'
  press ctrl+a
  type_text "type:Patient"
  wait_for matches
  wait_until_gone Basic
  press Return
  click baseline
  wait_for "it became the shown version"
  press space
  wait_for Paused
  press f
  wait_until_gone Paused
  press slash
  settle
  xdotool key ctrl+6 # lifted at once, while the field has the keyboard
  wait_for "Explain"
  press ctrl+2
  wait_for "type:Patient"
  quit_window

  open_window log-again demo
  wait_for "type:Patient"
  wait_for matches
  quit_window
}

test_settings_are_changed_by_command_and_kept() {
  open_window settings demo --light
  wait_for Live
  press ctrl+comma
  click Dark
  click Larger
  wait_for "110 %"
  quit_window
  grep -q '"theme": *"dark"' "$work/settings.json" || fail "the theme was not kept"
  grep -q '"scale": *110' "$work/settings.json" || fail "the size was not kept"
}

test_a_small_window_shows_less_and_a_tiny_one_says_so() {
  open_window small demo
  wait_for Live
  sees Connections || fail "the rail has no words"
  resize 800 600
  wait_until_gone Connections
  wait_for Freshness
  resize 600 350
  wait_for "This window is too small"
  resize 1440 900
  wait_for Connections
  quit_window
}

# Connected, without an update: ages need a frame a second. The heartbeats and pongs that come meanwhile need none of their
# own.
test_an_idle_window_draws_a_frame_a_second() {
  serve --rate 0
  export MEDPLUM_CLIENT_SECRET=the-demo-s-own
  open_window idle connect "$url" --client-id board
  wait_for Live
  until_true "nothing of the beginning fades any more" past $((SECONDS + 10))
  local before=$(frames) began=$(date +%s%N) drawn took
  until_true "ten seconds" past $((SECONDS + 10))
  drawn=$(($(frames) - before))
  took=$((($(date +%s%N) - began) / 1000000)) # where much else is done, it is longer
  [ $((drawn * 1000)) -ge $((took * 8 / 10)) ] && [ $((drawn * 1000)) -le $((took + 1500)) ] ||
    fail "$drawn frames in $took ms"
  quit_window
}
past() { [ "$SECONDS" -ge "$1" ]; }
