#include "checks/evaluator.hpp"

#include "checks/judge.hpp"
#include "fhir/reference.hpp"
#include "query/moment.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace fhirscope::checks {

namespace {

// Looked at once in so much recorded time, as `diagnose` and the window do, so that the incidents are theirs.
constexpr std::chrono::seconds look_every{1};
// What explains a failure began before it was seen, and may have ended a moment earlier.
constexpr std::chrono::seconds explains_around{2};

template <class... Kinds>
struct Overloaded : Kinds... {
    using Kinds::operator()...;
};
template <class... Kinds>
Overloaded(Kinds...) -> Overloaded<Kinds...>;

bool concerns(const diagnosis::Incident& incident, const std::string& reference) {
    if (reference.empty()) return false;
    const std::string_view type = fhir::type_part(reference);
    const auto names = [&](const std::string& about) {
        return about == reference || about == type || fhir::type_part(about) == type ||
               about.starts_with(std::string(type) + "?");
    };
    return names(incident.scope) || std::any_of(incident.about.begin(), incident.about.end(), names);
}

} // namespace

struct Evaluator::Watched {
    explicit Watched(const Expectation& what) : expectation(what) {}

    const Expectation& expectation;
    std::unique_ptr<Judge> judge;
    LocalTime from, to;
    bool begun = false, ended = false;

    bool active() const { return begun && !ended; }
    void place(LocalTime first) {
        const auto moment = [&](const std::string& text) { return query::parse_moment(text, first).value(); };
        // An instant is meant up to its last microsecond, which is too late for a beginning.
        from =
            expectation.from.empty() ? first : std::chrono::floor<std::chrono::milliseconds>(moment(expectation.from));
        to = expectation.to.empty() ? LocalTime::max() : moment(expectation.to);
        judge = std::visit(Overloaded{
                               [&](const Shows& shows) {
                                   return make_judge(shows, shows.moment.empty() ? first : moment(shows.moment));
                               },
                               [&](const NoIncident& none) { return make_judge(none, from, to); },
                               [](const auto& other) { return make_judge(other); },
                           },
                           expectation.expected);
    }
};

Evaluator::Evaluator(std::vector<ExpectFile> files) : files_(std::move(files)) {
    for (const ExpectFile& file : files_)
        for (const Expectation& expectation : file.expectations)
            watched_.push_back(std::make_unique<Watched>(expectation));
    engine_.observe({}, [this](const engine::Change& change) {
        for (const auto& watched : watched_)
            if (watched->active()) watched->judge->change(now_, change);
    });
}

Evaluator::~Evaluator() = default;

engine::SnapshotPtr Evaluator::publish() {
    auto snapshot = engine_.publish();
    conflicts_.update(snapshot);
    return last_look_ = std::move(snapshot);
}

void Evaluator::begin_session(LocalTime first) {
    first_ = first;
    for (const auto& watched : watched_) watched->place(first);
}

// What is before `now` is over: windows end and begin with the state that was reached until then.
void Evaluator::pass_boundaries(LocalTime now) {
    engine::SnapshotPtr before;
    next_boundary_ = LocalTime::max();
    for (const auto& watched : watched_) {
        const bool ends = watched->active() && now > watched->to;
        const bool begins = !watched->begun && now >= watched->from && now <= watched->to;
        if ((ends || begins) && !before) before = publish();
        if (ends) {
            const Look look{*before, conflicts_, watched->to};
            watched->judge->look(look);
            watched->judge->end(look);
            watched->ended = true;
        }
        if (begins) {
            watched->judge->begin({*before, conflicts_, watched->from});
            watched->begun = true;
        }
        const LocalTime next = !watched->begun ? watched->from : watched->to;
        if (!watched->ended && next >= now) next_boundary_ = std::min(next_boundary_, next);
    }
}

void Evaluator::step(const engine::Input& input) {
    if (inputs_ == 0) begin_session(input.at);
    if (inputs_ > 0 && input.at >= next_boundary_) pass_boundaries(input.at);
    now_ = input.at;
    engine_.step(input);
    if (inputs_++ == 0) pass_boundaries(input.at); // the first says what the session is about
    if (input.at - looked_ < look_every) return;
    looked_ = input.at;
    const engine::SnapshotPtr snapshot = publish();
    diagnosis_.update(snapshot);
    for (const auto& watched : watched_)
        if (watched->active()) watched->judge->look({*snapshot, conflicts_, now_});
}

void Evaluator::explain(Outcome& outcome, const std::vector<diagnosis::IncidentPtr>& all) const {
    if (outcome.verdict != Verdict::Failed || outcome.incident || outcome.at == LocalTime{}) return;
    const LocalTime from = outcome.from == LocalTime{} ? first_ : outcome.from;
    const auto rank = [&](const diagnosis::Incident& incident) {
        return std::tuple(concerns(incident, outcome.about), incident.severity, incident.from);
    };
    for (const diagnosis::IncidentPtr& incident : all) {
        const bool over = !incident->open() && incident->to + explains_around < from;
        if (over || incident->from > outcome.at + explains_around) continue;
        if (!outcome.incident || rank(*incident) > rank(*outcome.incident)) outcome.incident = incident;
    }
}

std::vector<Outcomes> Evaluator::conclude() {
    const engine::SnapshotPtr last = publish();
    diagnosis_.update(last);
    const diagnosis::Incidents& found = diagnosis_.incidents();
    std::vector<diagnosis::IncidentPtr> incidents(found.going_on());
    incidents.insert(incidents.end(), found.over().begin(), found.over().end());
    std::vector<Outcomes> concluded;
    auto watched = watched_.begin();
    for (const ExpectFile& file : files_) {
        Outcomes outcomes{file.path, {}, first_, now_, inputs_};
        for (const Expectation& expectation : file.expectations) {
            Watched& one = **watched++;
            Outcome outcome;
            outcome.name = expectation.name;
            if (one.active()) {
                const Look look{*last, conflicts_, now_};
                one.judge->look(look);
                one.judge->end(look);
            }
            if (one.begun) {
                one.judge->incidents(incidents, found.not_kept());
                one.judge->conclude(outcome);
            } else {
                outcome.wanted = expectation.name;
                outcome.measured = "the session has nothing of this time";
            }
            explain(outcome, incidents);
            outcomes.all.push_back(std::move(outcome));
        }
        concluded.push_back(std::move(outcomes));
    }
    return concluded;
}

} // namespace fhirscope::checks
