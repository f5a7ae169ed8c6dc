#pragma once
// Why is this resource as it is shown? The way of its newest version from the server to the screen, station by station,
// as far as the engine knows it.

#include "diagnosis/finding.hpp"
#include "engine/snapshot.hpp"
#include "fhir/criteria.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::diagnosis {

enum class Reached : std::uint8_t { Happened, DidNot, NotKnown, NotReached };
std::string_view to_string(Reached reached); // "did not"

enum class StationName : std::uint8_t {
    Server,       // it changed there
    Criteria,     // it matches those of a subscription
    Subscription, // which was active
    Notification, // and was sent an event
    Received,
    Validated,
    Applied,
    Shown
};
constexpr std::size_t station_count = 8;
std::string_view to_string(StationName name); // "Server"

struct Station {
    Reached reached = Reached::NotReached;
    std::string word;   // "changed", "no match"
    LocalTime at{};     // the epoch: at no known time
    std::string text;   // a sentence; names between `backticks`
    std::string source; // where that is known from: "frame log"
    Link link{};
};

struct Explanation {
    std::string reference;
    bool known = false; // the engine holds it, or held it
    bool stale = false; // what is shown is old, or may be
    LocalTime stale_since{};
    std::array<Station, station_count> stations;
    Severity severity = Severity::Info;
    std::string verdict, because; // a sentence in one line; why, with names between `backticks`
    std::vector<Advice> advice;   // the cheapest first

    Station& at(StationName name) { return stations[static_cast<std::size_t>(name)]; }
    const Station& at(StationName name) const { return stations[static_cast<std::size_t>(name)]; }
};

Explanation explain(const engine::Snapshot& snapshot, std::string_view reference,
                    fhir::MatchMode mode = fhir::MatchMode::Medplum);

// The first clause that a resource fails ("status=requested"); "" when it fails none.
std::string failing_clause(const fhir::Criteria& criteria, const fhir::Resource& resource, fhir::MatchMode mode);

} // namespace fhirscope::diagnosis
