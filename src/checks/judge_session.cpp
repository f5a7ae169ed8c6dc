// The connection, incidents and conflicts.

#include "checks/judge.hpp"
#include "diagnosis/causes/table.hpp"
#include "diagnosis/report.hpp"
#include "query/conflict_fields.hpp"

#include <algorithm>

namespace fhirscope::checks {

namespace {

class BecomesLive : public Judge {
public:
    explicit BecomesLive(const Live& live) : expected_(live) {}

    void begin(const Look& look) override {
        phases_.begin(look.snapshot);
        const bool live = look.snapshot.connection.phase == engine::Phase::Live;
        if (!expected_.after_outage) waits_since_ = look.at;
        if (!expected_.after_outage && live) became(look.at);
    }
    void look(const Look& look) override {
        phases_.each(look.snapshot, [&](const engine::Transition& change) {
            if (change.to == engine::Phase::Live && waits_since_ != LocalTime{}) became(change.at);
            // Closed is what a person asked for, or the end of what was captured.
            if (expected_.after_outage && change.from == engine::Phase::Live && change.to != engine::Phase::Closed)
                waits_since_ = change.at;
        });
        ended_ = look.at;
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = "live within " + length_text(expected_.within) +
                         (expected_.after_outage ? " after real time was lost" : " after the beginning");
        const std::string times = counted(count_, expected_.after_outage ? "outage" : "beginning", "outages");
        const bool waits = waits_since_ != LocalTime{};
        const Length waited = waits ? ended_ - waits_since_ : Length(0);
        if (waits && waited > expected_.within && late_ == 0) {
            late_ = 1, from_ = waits_since_, at_ = waits_since_ + expected_.within;
            outcome.instead = "not live until the end, after " + length_text(waited);
        }
        outcome.figure = std::max(worst_, waited).count();
        if (late_ > 0) {
            outcome.verdict = Verdict::Failed;
            outcome.measured = "the longest took " + length_text(std::max(worst_, waited));
            outcome.from = from_, outcome.at = at_;
        } else if (waits) {
            outcome.measured = "the session ends " + length_text(waited) + " after that";
            outcome.from = waits_since_, outcome.at = ended_;
        } else {
            outcome.verdict = Verdict::Passed;
            outcome.measured = count_ == 0 ? "no outage" : times + ", live after " + length_text(worst_) + " at most";
        }
    }

private:
    void became(LocalTime at) {
        const Length took = at - waits_since_;
        ++count_;
        worst_ = std::max(worst_, took);
        if (took > expected_.within && late_++ == 0) from_ = waits_since_, at_ = waits_since_ + expected_.within;
        waits_since_ = {};
    }

    Live expected_;
    NewTransitions phases_;
    LocalTime waits_since_, ended_, from_, at_; // waits_since_: the epoch: it does not
    std::uint64_t count_ = 0, late_ = 0;
    Length worst_{0};
};

class MeetsNoIncident : public Judge {
public:
    MeetsNoIncident(const NoIncident& none, LocalTime from, LocalTime to) : expected_(none), from_(from), to_(to) {}

    void incidents(const std::vector<diagnosis::IncidentPtr>& all, std::uint64_t not_kept) override {
        not_kept_ = not_kept;
        for (const diagnosis::IncidentPtr& incident : all) {
            const bool over = !incident->open() && incident->to < from_;
            if (incident->from > to_ || over || !forbidden(*incident)) continue;
            ++count_;
            const bool earlier = !worst_ || incident->severity > worst_->severity ||
                                 (incident->severity == worst_->severity && incident->from < worst_->from);
            if (earlier) worst_ = incident;
        }
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = expected_.any ? std::string("no incident")
                                       : "no incident above " + std::string(diagnosis::word(expected_.above));
        for (const std::string& cause : expected_.except)
            outcome.wanted += (&cause == &expected_.except.front() ? " but " : ", ") + cause;
        outcome.figure = static_cast<std::int64_t>(count_);
        outcome.measured = counted(count_, "incident", "incidents");
        if (worst_) {
            outcome.verdict = Verdict::Failed;
            outcome.measured += count_ == 1 ? "" : ", this one the most severe";
            outcome.instead = worst_->headline;
            outcome.from = worst_->from;
            outcome.at = worst_->noticed == LocalTime{} ? worst_->from : worst_->noticed;
            outcome.incident = worst_;
        } else if (not_kept_ > 0) {
            outcome.measured = counted(not_kept_, "incident is", "incidents are") + " no longer kept";
        } else {
            outcome.verdict = Verdict::Passed;
        }
    }

private:
    bool forbidden(const diagnosis::Incident& incident) const {
        const auto is_this = [&](const std::string& cause) {
            return cause == incident.id || cause == diagnosis::to_string(incident.cause);
        };
        return (expected_.any || incident.severity > expected_.above) &&
               std::none_of(expected_.except.begin(), expected_.except.end(), is_this);
    }

    NoIncident expected_;
    LocalTime from_, to_;
    std::uint64_t count_ = 0, not_kept_ = 0;
    diagnosis::IncidentPtr worst_;
};

class ConflictsEndAs : public Judge {
public:
    explicit ConflictsEndAs(const ConflictEnds& ends) : expected_(ends) {}
    void begin(const Look& look) override { began_ = look.at; }
    void end(const Look& look) override {
        query::ConflictFacts facts;
        for (std::size_t i = 0; i < look.snapshot.conflicts.size(); ++i) {
            const engine::ConflictPtr& conflict = look.snapshot.conflicts[i];
            if (conflict->at < began_ || !expected_.filter.matches(facts.at(*conflict))) continue;
            ++count_;
            const auto& outcomes = expected_.outcomes;
            if (std::find(outcomes.begin(), outcomes.end(), conflict->outcome) == outcomes.end() && other_++ == 0)
                first_other_ = conflict;
        }
        for (const std::uint64_t one : look.snapshot.conflict_counts) not_kept_ += one;
        not_kept_ -= std::min<std::uint64_t>(not_kept_, look.snapshot.conflicts.size());
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = expected_.filter.empty() ? std::string("each conflict is ")
                                                  : "each conflict with " + expected_.filter.canonical() + " is ";
        for (const engine::ConflictOutcome one : expected_.outcomes)
            outcome.wanted += (one == expected_.outcomes.front() ? "" : " or ") + std::string(engine::to_string(one));
        outcome.figure = static_cast<std::int64_t>(other_);
        outcome.measured = counted(count_, "conflict", "conflicts");
        if (first_other_) {
            outcome.verdict = Verdict::Failed;
            outcome.measured += ", " + std::to_string(other_) + " otherwise";
            outcome.from = first_other_->at;
            outcome.at = std::max(first_other_->at, first_other_->decided_at);
            outcome.about = first_other_->reference;
            outcome.instead = std::string(engine::to_string(first_other_->kind)) + " " +
                              std::string(engine::to_string(first_other_->outcome));
        } else if (not_kept_ > 0) {
            outcome.measured += "; " + std::to_string(not_kept_) + " are no longer kept";
        } else if (count_ > 0) {
            outcome.verdict = Verdict::Passed;
        }
    }

private:
    ConflictEnds expected_;
    LocalTime began_;
    std::uint64_t count_ = 0, other_ = 0, not_kept_ = 0;
    engine::ConflictPtr first_other_;
};

} // namespace

std::unique_ptr<Judge> make_judge(const Live& live) { return std::make_unique<BecomesLive>(live); }
std::unique_ptr<Judge> make_judge(const NoIncident& none, LocalTime from, LocalTime to) {
    return std::make_unique<MeetsNoIncident>(none, from, to);
}
std::unique_ptr<Judge> make_judge(const ConflictEnds& ends) { return std::make_unique<ConflictsEndAs>(ends); }

} // namespace fhirscope::checks
