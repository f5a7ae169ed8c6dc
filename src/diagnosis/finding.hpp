#pragma once
// What the diagnosis says: a finding with its evidence, as an immutable value.

#include "engine/fact_code.hpp"
#include "engine/types.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::diagnosis {

using engine::Severity;

// Where a piece of evidence can be looked at.
struct Link {
    enum class Kind : std::uint8_t { None, Update, Frame, Event, Subscription, Resource, Connection, Conflict };
    Kind kind = Kind::None;
    std::uint64_t number = 0; // of the row in its log, or the index of the subscription
    std::string reference{};  // of a resource
    bool operator==(const Link&) const = default;
};
std::string_view to_string(Link::Kind kind); // "update"

struct Evidence {
    LocalTime at;
    std::string text;
    Link link;
    engine::FactCode code{}; // of the event that it is; none: it is something else
};

enum class Verdict : std::uint8_t { NotRun, Passed, Failed, NotNeeded };
std::string_view to_string(Verdict verdict); // "not run"

// A question that decides, and what came of it.
struct Check {
    std::string_view question; // of the catalog
    Verdict verdict = Verdict::NotRun;
    std::string answer{};
};

// What the program itself can do about it.
enum class Remedy : std::uint8_t { None, ReadResource, CompareAll, Reconnect };

struct Advice {
    std::string_view text;   // a verb with its object
    std::string_view effect; // what it repairs, and what it costs
    Remedy remedy = Remedy::None;
};

// Views are of words that the program is made with: the same findings are made again and again.
struct Finding {
    static constexpr std::size_t evidence_kept = 8;

    std::string_view id; // "D3", as in docs/diagnosis.md
    std::string subject; // what it is about: criteria, a type, …; "" for the connection as a whole
    Severity severity = Severity::Attention;
    std::string_view title;         // what is true, in at most 45 characters
    LocalTime since, closed{};      // closed: the epoch while it is open
    std::uint64_t count = 0;        // of pieces of evidence, those no longer kept among them
    std::uint64_t affects = 0;      // resources
    std::vector<Evidence> evidence; // the newest, the newest first
    int confidence = 0;             // percent; 100 only when observed or checked
    Check decisive, negative;       // what proves it; what would refute it
    std::string_view explanation;   // cause → consequence → until when
    std::vector<Advice> advice;     // the cheapest first
    bool open() const { return closed == LocalTime{}; }
};
using FindingPtr = std::shared_ptr<const Finding>;

} // namespace fhirscope::diagnosis
