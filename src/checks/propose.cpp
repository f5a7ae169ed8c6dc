#include "checks/propose.hpp"

#include "checks/judge.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <set>

namespace fhirscope::checks {

namespace {

using namespace std::chrono_literals;

constexpr Length no_limit = std::chrono::hours(24 * 365);

// A probe: what is measured, and how a limit is made of it.
enum class Limit : std::uint8_t {
    None,   // it holds or it does not
    Within, // a length of time, with room
    AtMost, // a count that may not grow
    Half,   // a count: half of it must come
};
struct Probe {
    const char* name;
    Expected expected;
    const char* json; // members that do not depend on what was measured
    Limit limit = Limit::None;
    const char* member = ""; // that has the limit
    unsigned times = 1;      // the measured value at least so often
    Length more{0};          // and at least so much more
};

const std::vector<Probe>& all_probes() {
    const auto counts = [](const char* name) {
        return Count{.of = Count::Of::Counter, .counter = name, .member = counter_named(name)};
    };
    static const std::vector<Probe> probes{
        {"live soon after the beginning", Live{.within = no_limit, .after_outage = false},
         R"({"expect":"live","after":"start"})", Limit::Within, "within", 3, 10s},
        {"live soon after real time was lost", Live{.within = no_limit}, R"({"expect":"live","after":"outage"})",
         Limit::Within, "within", 2, 15s},
        {"every change is shown in time", Shows{.what = {}, .within = no_limit}, R"({"expect":"shows"})", Limit::Within,
         "within", 3, 2s},
        {"half of the updates are quick", Latency{.permille = 500, .below = no_limit},
         R"({"expect":"latency","stage":"applied","percentile":50})", Limit::Within, "below", 2, 50ms},
        {"almost all updates are quick", Latency{.permille = 990, .below = no_limit},
         R"({"expect":"latency","stage":"applied","percentile":99})", Limit::Within, "below", 2, 250ms},
        {"updates come", Count{}, R"({"expect":"count","of":"updates"})", Limit::Half, "at-least"},
        {"no more is missed", counts("missed"), R"({"expect":"count","of":"missed"})", Limit::AtMost, "at-most"},
        {"no more is rejected", counts("rejected"), R"({"expect":"count","of":"rejected"})", Limit::AtMost, "at-most"},
        {"what was missed is recovered", AllRecovered{}, R"({"expect":"all-recovered"})"},
        {"nothing is applied twice", Never{Never::What::AppliedTwice}, R"({"expect":"never","what":"applied-twice"})"},
        {"nothing goes back", Never{Never::What::VersionBack}, R"({"expect":"never","what":"version-back"})"},
    };
    return probes;
}

// Rounded up, so that it reads well.
Length rounded(Length length) {
    const Length step = length < 1s ? Length(10ms) : length < 10s ? Length(100ms) : Length(1s);
    return (length + step - Length(1)) / step * step;
}

std::string written(Length length) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
    return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

void write_limit(fhir::JsonWriter& json, const Probe& probe, const Outcome& outcome, const std::string& source) {
    const std::int64_t figure = outcome.figure.value_or(0);
    std::string margin;
    if (probe.limit == Limit::Within) {
        const Length measured(figure);
        json.member(probe.member, written(rounded(std::max(measured * probe.times, measured + probe.more))));
        margin = "; " + std::to_string(probe.times) + " times that is allowed, and at least " +
                 length_text(probe.more) + " more";
    } else if (probe.limit == Limit::AtMost) {
        json.member(probe.member, figure);
        margin = "; no more is allowed";
    } else if (probe.limit == Limit::Half) {
        json.member(probe.member, figure / 2);
        margin = "; half of that is enough";
    }
    json.member("note", "Measured in " + source + ": " + outcome.measured + margin + ".");
}

void write_incidents(fhir::JsonWriter& json, const diagnosis::Incidents& incidents, const std::string& source) {
    std::set<std::string> met;
    const auto add = [&](const diagnosis::IncidentPtr& incident) {
        if (incident->severity > engine::Severity::Info) met.emplace(incident->id);
    };
    for (const auto& incident : incidents.going_on()) add(incident);
    for (const auto& incident : incidents.over()) add(incident);
    json.object().member("name", "nothing wants attention").member("expect", "no-incident").member("above", "info");
    if (!met.empty()) {
        json.array("except");
        for (const std::string& id : met) json.value(id);
        json.end();
    }
    json.member("note", met.empty() ? "Nothing of attention or error in " + source + "."
                                    : "Those causes were met in " + source + ": take away what must not come again.")
        .end();
}

} // namespace

ExpectFile probes() {
    ExpectFile file;
    for (const Probe& probe : all_probes()) file.expectations.push_back({probe.name, "", "", probe.expected});
    return file;
}

Proposal proposal(const Outcomes& outcomes, const diagnosis::Diagnosis& diagnosis, const std::string& source) {
    Proposal proposal;
    fhir::JsonWriter json;
    json.object()
        .member("$schema", "expect.schema.json")
        .member("note", "Proposed by fhirscope expect init from " + source + ": read it, and keep what matters.")
        .array("expectations");
    for (std::size_t i = 0; i < all_probes().size(); ++i) {
        const Outcome& outcome = outcomes.all.at(i);
        proposal.left_out += outcome.verdict == Verdict::Failed;
        proposal.unmeasured += outcome.verdict == Verdict::Undecided;
        if (outcome.verdict != Verdict::Passed) continue;
        const Probe& probe = all_probes()[i];
        json.object().member("name", probe.name).members_of(probe.json);
        write_limit(json, probe, outcome, source);
        json.end();
    }
    write_incidents(json, diagnosis.incidents(), source);
    json.end().end();
    proposal.json = fhir::pretty(json.take()) + "\n";
    return proposal;
}

} // namespace fhirscope::checks
