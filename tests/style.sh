#!/usr/bin/env bash
# What docs/style.md asks for and a script can see: `style.sh FOLDER...` prints each line that breaks it, and fails.
# Without a folder it looks through src and tests, and proves first that it finds what it looks for. Run by CTest.
set -euo pipefail

sources() { find "$@" -name node_modules -prune -o -name '*.[ch]pp' -print; }

# rapidjson's own names begin so, too.
foreign='kParse[A-Z]\w*|k(Object|Array|String|Null|Number|True|False)Type'

broken_rules() {
  sources "$@" | xargs grep -nPH "\b(?!($foreign)\b)k[A-Z][a-z]\w*" | sed 's/$/  <- constants are lower_case/' || true
  sources "$@" | grep '\.hpp$' | xargs -r grep -LE '^#pragma once' | sed 's/$/: <- no #pragma once/' || true
  # One of a function alone needs no words of who may touch what.
  sources "$@" | xargs grep -nHE '^(static |inline )*std::mutex |std::mutex [a-z_]+_;' | grep -vE '/thread_safety\.hpp:|^tests/' |
    sed 's/$/  <- Mutex of fhir\/thread_safety.hpp, with what it guards/' || true
  sources "$@" | xargs grep -niH 'colour' | sed 's/$/  <- color/' || true
  sources "$@" | xargs awk '
    FNR == 1 { in_enum = 0; pragma = 0 }
    pragma && !/^\/\// { print FILENAME ":" FNR ":" $0 "  <- what the file is, on the line after #pragma once" }
    { pragma = /^#pragma once/ }
    {
      line = $0
      sub(/\/\/.*/, "", line)
      if (line ~ /(^|[ \t])enum [A-Za-z]/ && line !~ /using enum/) in_enum = 1
    }
    in_enum {
      ends = line ~ /[;}]/
      if (line ~ /(^|[ \t])enum /) sub(/^[^{]*\{?/, "", line)
      sub(/^[^{]*\{/, "", line)
      sub(/[;}].*/, "", line)
      n = split(line, names, ",")
      for (i = 1; i <= n; ++i) {
        gsub(/^[ \t]+|[ \t]*(=.*)?$/, "", names[i])
        if (names[i] != "" && names[i] !~ /^[A-Z][A-Za-z0-9]*$/) print FILENAME ":" FNR ":" names[i] "  <- enumerators are CamelCase"
      }
      if (ends) in_enum = 0
    }'
  find "$@" -name node_modules -prune -o -name 'test_*.cpp' -print | sed 's/$/: <- tests are named after what they test: …_test.cpp/'
}

if [ $# -gt 0 ]; then
  found=$(broken_rules "$@")
  [ -z "$found" ] || { echo "$found"; exit 1; }
  exit 0
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
bad=$(mktemp -d)
trap 'rm -rf "$bad"' EXIT
cat > "$bad/test_bad.cpp" <<'BAD'
#pragma once

// The colour of nothing.
constexpr int kSide = 1;
enum class One { Good, bad };
enum class Two : unsigned {
    Good,
    worse = 2, // and
};
enum Three { Fine, not_fine, Not_Fine };
std::mutex unsaid; // beside kNullType: kAlso
BAD
echo '// What it is.' > "$bad/bad.hpp"
count=$(broken_rules "$bad" | wc -l)
[ "$count" -eq 11 ] || { echo "style.sh finds $count of 11 planted lines:"; broken_rules "$bad"; exit 1; }
found=$(broken_rules src tests)
[ -z "$found" ] || { echo "$found"; exit 1; }
