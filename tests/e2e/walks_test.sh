# The walks of docs/guide.md, step by step and by its words: who changes a step, or a word that the guide names, finds out
# here that a new person would be lost.

test_walk_1_a_stale_task_and_why() {
  local task="Check the INR before the evening dose"
  open_window walk-1-evidence demo
  wait_for Live
  # 1
  press ctrl+d
  click "Drop all events for 30 s"
  # 2
  press ctrl+1
  wait_for "$task"
  wait_for_line status '"in-progress"'
  sees Live || fail "the pill says something else"
  # A person is not there in the first second, at whose end the server's Task changes.
  until_true "two of the thirty seconds pass" two_seconds_pass
  # 3
  run_command "compare every" "Compare everything with the server"
  press ctrl+4
  wait_for_line Task/5ce7a210 "State drift"
  wait_for_line Task/5ce7a210 status
  wait_for '"completed" "in-progress"'
  press ctrl+d
  wait_until_gone "Drop all events for 30 s"
  # 4
  press ctrl+6
  wait_for "events were not sent" # or its binding ended: both have this sign
  press Home
  local part
  for part in Cause Noticed Confidence Evidence Advice; do wait_for "$part"; done
  press ctrl+1
  press e
  wait_for "did not come"
  wait_for "The socket did not bring this change."
  # 5
  press ctrl+5
  wait_for Heartbeats
  press ctrl+2
  press slash
  type_text channel:read
  wait_for matches
  wait_for_line 5ce7a210 read
  quit_window
}

two_seconds_pass() { [[ $(line_of Stop) =~ (^|[^0-9])(2[0-8]|1[0-9])\ s ]]; }

test_walk_2_the_latency_of_one_update_stage_by_stage() {
  open_window walk-2 demo
  wait_for Live
  # 1
  press ctrl+2
  wait_for_line socket applied
  press j
  # 2
  local stage
  for stage in Transport Queued Validated Transformed Resolved Applied Notified Shown "Clock offset"; do wait_for "$stage"; done
  # 3
  click Frame Trace
  wait_for '"Bundle"'
  click Resource Trace
  wait_until_gone '"Bundle"'
  wait_for resourceType
  # 4
  press ctrl+3
  wait_for "Where the time goes"
  for stage in p50 p90 p99 Distribution "Heat map" Subscription; do wait_for "$stage"; done
  # 5
  press alt+n
  wait_for "500"
  press alt+u
  until_true "more than a hundred updates a second" rate_of In 100
  quit_window
}

# rate_of NAME LEAST: the figure of the status bar, "In 311/s".
rate_of() {
  local rate
  rate=$(line_of "$1" | grep -oP "$1 \\| \\K[0-9]+(?=[0-9.]*/s)") && [ "$rate" -ge "$2" ]
}

test_walk_3_the_two_sides_of_a_conflict() {
  open_window walk-3 demo
  wait_for Live
  # 1
  press alt+2
  # 2
  press ctrl+4
  click "Concurrent modification"
  local side
  for side in Base "Local edit" Server; do wait_for "$side"; done
  # 3
  wait_for "Merge, send 1 field"
  click '"Plan discharge with th'
  wait_for "Merge, send nothing"
  press m
  wait_for "Open 0"
  # 4
  click "Resolved 1"
  wait_for "took server"
  click "Concurrent modification"
  wait_for "Writes what the decision replaced"
  press r
  wait_for "rolled back"
  quit_window
}
