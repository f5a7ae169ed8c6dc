# The phases of script/test: what each takes, what failed, and how to repeat it. Sourced, not run.

report_folder=build/report
phases=()   # "seconds  name"
failures=() # how to repeat what failed, a line each
declare -A children=() # process groups that run

# Whatever was started ends when the script does, by itself or by a signal.
end_with_us() {
  rm -rf "$report_folder"
  mkdir -p "$report_folder"
  trap 'end_children; stop_display' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

end_children() {
  local group
  for group in "${!children[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
}

# in_group COMMAND...: runs it in a process group of its own, which ends with us; returns what it returns.
in_group() {
  local pid code=0
  start_group "$@"
  pid=$started
  wait "$pid" || code=$?
  unset "children[$pid]"
  return "$code"
}

# Sets `started`.
start_group() {
  set -m
  "$@" </dev/null &
  started=$!
  set +m
  children[$started]=1
}

# phase NAME COMMAND...: goes on when it fails, except for a build or the set-up, which everything after it needs.
phase() {
  local name=$1 began=$SECONDS code=0
  shift
  say "$name"
  in_group "$@" || code=$?
  phases+=("$(printf '%5d s  %s' $((SECONDS - began)) "$name")")
  if [ "$code" -ne 0 ]; then
    case "$1" in
      build | script/setup) die "$name failed" ;;
    esac
    failures+=("$name")
  fi
}

# beside NAME COMMAND...: a phase that goes on beside those that follow; await_beside waits for it.
beside() {
  beside_name=$1
  shift
  beside_began=$SECONDS
  say "$beside_name (beside what follows)"
  start_group "$@" >"$report_folder/beside.log" 2>&1
  beside_pid=$started
}

await_beside() {
  local code=0 began=$SECONDS
  say "Waiting for: $beside_name"
  wait "$beside_pid" || code=$?
  phases+=("$(printf '%5d s  %s' $((SECONDS - began)) "waiting for: $beside_name")")
  cat "$report_folder/beside.log" >&2
  [ "$code" -eq 0 ] || failures+=("$beside_name")
}

# run_entries REPORT PRESET CTEST-ARGUMENT...
run_entries() {
  local name=$1 preset=$2 steady=()
  shift 2
  # Older versions of ThreadSanitizer refuse to start where the kernel spreads addresses widely.
  if [ "$preset" = tsan ] && setarch --addr-no-randomize true 2>/dev/null; then steady=(setarch --addr-no-randomize); fi
  "${steady[@]}" ctest --preset "$preset" --no-tests=error --output-junit "$PWD/$report_folder/$name.xml" "$@" 2>&1 |
    tee "$report_folder/$name.log"
}

# run_seeds COUNT MINUTES CLIENTS: half as many from 1 on, and half from a number drawn at random, on all processors. One of
# the first half that breaks an invariant fails the run. A new one is a bug that was found, and is told at the end: whether
# a change may land does not depend on a number drawn at random.
run_seeds() {
  local count=$(($1 / 2)) minutes=$2 clients=$3 random jobs part pids=() code=0 first last
  random=$(($(od -An -N4 -tu4 /dev/urandom) + 1000000))
  jobs=$(nproc)
  note "seeds 1..$count and, at random, $random..$((random + count - 1)); $clients client(s), $minutes minutes"
  for from in 1 "$random"; do
    for ((part = 0; part < jobs; part++)); do
      first=$((from + count * part / jobs))
      last=$((from + count * (part + 1) / jobs - 1))
      build/checked/bin/fhirscope_seeds "$first" "$last" "$minutes" all "$clients" \
        >"$report_folder/seeds-$clients-$first" 2>&1 &
      pids+=("$!:$report_folder/seeds-$clients-$first")
    done
    for part in "${pids[@]}"; do
      wait "${part%%:*}" && continue
      cat "${part#*:}" >&2
      if [ "$from" = 1 ]; then
        code=1
      else
        printf '%s; fhirscope_seeds SEED SEED %s all %s\n' "$(head -n 1 "${part#*:}")" "$minutes" "$clients" \
          >>"$report_folder/new-seeds"
      fi
      note "again: build/checked/bin/fhirscope_seeds SEED SEED $minutes all $clients, with the seed above"
    done
    pids=()
  done
  return "$code"
}

# judge_seeds SEEDS HELD-OUT QUIET: the figures stand in the log. Each part runs, whatever the other said.
judge_seeds() {
  local program=build/checked/bin/fhirscope_judge code=0
  note "what the diagnosis says of seeds 1..$1 and of $2 held out; seeds 1..$3 without faults"
  judge "$program" "$1" "$2" || code=1
  judge_quiet "$program" "$3" || code=1
  [ "$code" -eq 0 ] || note "a seed in full: $program SEED SEED 3 all --tell; what it has to reach: script/lib/judge.sh"
  return "$code"
}

# targets_of NAME...: what has to be built for these entries.
targets_of() {
  local name
  for name in "$@"; do
    name=${name%%-[0-9]*}
    name=${name%_waiting}
    case "$name" in
      app) printf '%s\n' test_app fhirscope ;;
      e2e* | interop | cases) printf '%s\n' fhirscope ;;
      layers | locks | style) printf '%s\n' fhirscope_tests ;;
      gui_display) printf '%s\n' test_gui ;;
      seeds*) printf '%s\n' fhirscope_seeds ;;
      soak) printf '%s\n' fhirscope_soak ;;
      edits*) printf '%s\n' fhirscope_edits ;;
      *) printf 'test_%s\n' "$name" ;;
    esac
  done
}

# Prints what the phases took, the slowest entries and what failed, and ends the script.
report() {
  local line entry
  say "Seconds a phase"
  printf '    %s\n' "${phases[@]}" >&2
  printf '    %5d s  in all\n' "$SECONDS" >&2
  say "The ten slowest entries"
  sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: *\([^ ]*\) .* \([0-9.]*\) sec.*/\2 s  \1/p' "$report_folder"/*.log |
    sort -u | sort -rn | head -n 10 | sed 's/^/    /' >&2
  if [ -s "$report_folder/new-seeds" ]; then
    say "BUGS FOUND BY NEW SEEDS (invariant, seed; how to repeat): the run does not fail for them, so take them down"
    sed 's/^/    /' "$report_folder/new-seeds" >&2
  fi
  line=$(sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: *\([^ ]*\) .*\*\*\*Skipped.*/\1/p' "$report_folder"/*.log | sort -u)
  [ -z "$line" ] || say "SKIPPED: $(echo $line)"
  [ ${#failures[@]} -eq 0 ] || {
    say "How to repeat alone what failed"
    for line in "$report_folder"/*.xml; do
      entry=$(basename "$line" .xml)
      [ "$entry" = tsan ] || entry=debug
      sed -n 's/.*<testcase name="\([^"]*\)".*status="fail".*/\1/p' "$line" |
        sed "s/.*/    ctest --preset $entry -R '^&\$'/" >&2
    done
    die "failed: ${failures[*]}"
  }
  say "All tests passed"
  exit 0
}
