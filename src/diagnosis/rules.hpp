#pragma once
// The rules: each looks at one instant and at what was gathered of the logs, and says which findings hold.

#include "diagnosis/catalog.hpp"
#include "diagnosis/facts.hpp"

#include <deque>
#include <span>

namespace fhirscope::diagnosis {

struct Scene {
    const engine::Snapshot& s;
    const Facts& facts;
    LocalTime now;    // the snapshot's time: no other clock is asked
    LocalTime before; // the time of the last look; the epoch: this is the first
};

// The findings that hold now. What is not held any more closes. One that came and went between two looks is given with
// the time at which it closed.
class Report {
public:
    // With the words of the catalog.
    Finding& hold(std::string_view id, std::string_view subject);
    std::deque<Finding>& findings() { return findings_; }

private:
    std::deque<Finding> findings_; // so that references stay
};

using Rule = void (*)(const Scene&, Report&);
std::span<const Rule> all_rules();

void rule_connection(const Scene&, Report&);    // D2, D9, D24, D27, D28, D30, D37, D38
void rule_heartbeats(const Scene&, Report&);    // D1
void rule_subscriptions(const Scene&, Report&); // D3 … D8, D13, D31, D44
void rule_criteria(const Scene&, Report&);      // D10, D11, D19
void rule_delivery(const Scene&, Report&);      // D14 … D18, D25, D26, D52
void rule_load(const Scene&, Report&);          // D20, D21
void rule_server(const Scene&, Report&);        // D22, D23, D29
void rule_data(const Scene&, Report&);          // D12, D32, D33, D34, D36, D50, D51

// --- what rules share

// Takes over a trace's evidence and count; the finding began with it.
void use(Finding& finding, const Trace& trace);
void add_evidence(Finding& finding, Evidence evidence);
void passed(Check& check, std::string answer);
void failed(Check& check, std::string answer);
// The connection has become live after that time.
bool live_again(const Scene& scene, LocalTime after);
bool is_live(const engine::SubscriptionView& subscription); // it hears
bool all_refused(const engine::Snapshot& snapshot);         // every subscription, of at least one
// How many resources are shown, and a few that changed last: what an outage makes uncertain.
std::uint64_t shown_resources(const engine::Snapshot& snapshot);
std::vector<const engine::Record*> changed_lately(const engine::Snapshot& snapshot, std::size_t most);
std::string seconds_text(std::chrono::microseconds duration); // "12.5 s"
std::string count_text(std::uint64_t count, std::string_view one, std::string_view many);

} // namespace fhirscope::diagnosis
