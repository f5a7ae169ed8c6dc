# What the diagnosis has to reach where it is judged by what the simulator broke. Sourced, not run.

# Percent, a little under what is measured: a change of the diagnosis that makes it worse fails, and one that makes it
# better raises them.
least_recall=94
least_precision=97
most_elsewhere=1   # told of other types than were concerned
most_out_of_time=4 # begin or end at another time

# judge PROGRAM SEEDS HELD-OUT [OPTION...]: the seeds from 1 on, and so many of those that nobody looks at.
judge() {
  local program=$1 seeds=$2 held_out=$3
  shift 3
  "$program" 1 "$seeds" 3 all --held-out "$held_out" --jobs "$(nproc)" \
    --least "$least_recall" "$least_precision" --elsewhere "$most_elsewhere" \
    --out-of-time "$most_out_of_time" "$@"
}

# judge_quiet PROGRAM SEEDS: where nothing was broken, nothing is said that is more than information.
judge_quiet() { "$1" 1 "$2" 3 none --jobs "$(nproc)" --alarms 0; }
