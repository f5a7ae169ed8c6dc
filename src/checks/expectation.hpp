#pragma once
// What somebody expects of a session, as a file says it (docs/expectations.md).

#include "engine/conflict.hpp"
#include "engine/figures.hpp"
#include "fhir/path.hpp"
#include "fhir/result.hpp"
#include "query/query.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fhirscope::checks {

using Length = std::chrono::microseconds;

// Which resources, and what they show. All that is given has to hold.
struct Condition {
    std::string type, reference;    // "Task", "Task/8d0c"; "": any
    std::string system, identifier; // a business identifier; system "": any
    std::string filter;             // of the fields of the type's panel, which the session knows
    std::optional<fhir::Path> field;
    std::vector<std::string> values; // one of them is what the field has
};

// Since when a resource has so long to show something.
enum class Since : std::uint8_t {
    Change, // the server changed it
    Outage, // real time was there again
    Moment, // `moment` of the file
};

struct Shows {
    Condition what;
    Length within{0};
    Since since = Since::Change;
    std::string moment{};
    bool never = false; // the value is not to be shown at all
};
struct Live {
    Length within{0};
    bool after_outage = true; // else: after the beginning
};
struct Count {
    enum class Of : std::uint8_t { Updates, Conflicts, Counter } of{};
    std::string counter{}; // "missed"
    std::uint64_t engine::Counters::*member = nullptr;
    query::Query filter{};
    std::uint64_t least = 0, most = UINT64_MAX;
};
struct AllRecovered {};
struct Never {
    enum class What : std::uint8_t { AppliedTwice, VersionBack } what{};
};
struct Latency {
    enum class Stage : std::uint8_t { Applied, Transport, Queued } stage{};
    std::uint32_t permille = 990; // of the updates: 990 is p99
    Length below{0};
    query::Query filter{};
};
struct NoIncident {
    engine::Severity above = engine::Severity::Info;
    bool any = false;                // above none: not even for information
    std::vector<std::string> except; // ids or names of causes
};
struct ConflictEnds {
    query::Query filter{};
    std::vector<engine::ConflictOutcome> outcomes;
};
struct Order {
    query::Query first, then; // updates
    bool same_resource = false;
};

using Expected = std::variant<Shows, Live, Count, AllRecovered, Never, Latency, NoIncident, ConflictEnds, Order>;

struct Expectation {
    std::string name;     // said by the file, or made of what is expected
    std::string from, to; // moments, as query::parse_moment takes them; "": the beginning, the end
    Expected expected;
};

struct ExpectFile {
    std::string path;
    std::vector<Expectation> expectations;
};

constexpr std::uint64_t largest_file = 4u << 20;
constexpr std::size_t most_expectations = 1000;

// Error: Expectation, with the line and what is expected there.
Result<ExpectFile> parse_expectations(std::string_view json, const std::string& path);
// Errors: also those of files::read_whole.
Result<ExpectFile> read_expectations(const std::string& path);
// What stands for a severity on the command line: nothing of at least so much.
Expectation no_incident_of(engine::Severity least);

// Counters that may be asked for, by the names that a session file has for them.
std::uint64_t engine::Counters::*counter_named(std::string_view name); // null: there is none
std::string counter_names();

} // namespace fhirscope::checks
