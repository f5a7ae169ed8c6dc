// Updates: how many, how long they took, in which order, and what must never become of one.

#include "checks/judge.hpp"
#include "query/conflict_fields.hpp"
#include "query/lookup.hpp"
#include "query/update_fields.hpp"

#include <algorithm>
#include <unordered_set>

namespace fhirscope::checks {

namespace {

std::string left_the_log(std::uint64_t lost) {
    return counted(lost, "update was", "updates were") + " no longer kept when they were looked at";
}

std::string filtered(const query::Query& filter) { return filter.empty() ? "" : " with " + filter.canonical(); }

std::string bounds_text(const Count& count) {
    if (count.least == count.most) return "exactly " + std::to_string(count.least);
    if (count.most == UINT64_MAX) return "at least " + std::to_string(count.least);
    const std::string most = "at most " + std::to_string(count.most);
    return count.least == 0 ? most : "at least " + std::to_string(count.least) + " and " + most;
}

// Compares a count with its bounds. `exceeded`: when it was one too many; the epoch: never. What explains it may be long
// over by then (what was missed is counted after a grace), so no beginning is named.
void compare(Outcome& outcome, const Count& count, std::uint64_t counted_ones, LocalTime exceeded, LocalTime ended) {
    outcome.figure = static_cast<std::int64_t>(counted_ones);
    outcome.measured = std::to_string(counted_ones);
    const bool fits = counted_ones >= count.least && counted_ones <= count.most;
    outcome.verdict = fits ? Verdict::Passed : Verdict::Failed;
    if (fits) return;
    outcome.at = counted_ones > count.most ? exceeded : ended;
}

class CountsUpdates : public Judge {
public:
    explicit CountsUpdates(const Count& count) : expected_(count) {}
    void begin(const Look& look) override { rows_.begin(look.snapshot); }
    void look(const Look& look) override {
        query::UpdateFacts facts(look.snapshot, &look.conflicts);
        rows_.each(look.snapshot, [&](std::uint64_t row) {
            if (!expected_.filter.matches(facts.at(row)) || ++count_ != expected_.most + 1) return;
            exceeded_ = look.snapshot.updates[row].dequeued;
            about_ = query::named_by(look.snapshot, row);
        });
        ended_ = look.at;
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = bounds_text(expected_) + " updates" + filtered(expected_.filter);
        compare(outcome, expected_, count_, exceeded_, ended_);
        outcome.about = about_;
        if (rows_.lost() == 0) return;
        outcome.measured += "; " + left_the_log(rows_.lost());
        if (count_ <= expected_.most) outcome.verdict = Verdict::Undecided;
    }

private:
    Count expected_;
    NewRows rows_;
    std::uint64_t count_ = 0;
    LocalTime exceeded_, ended_;
    std::string about_;
};

class CountsCounter : public Judge {
public:
    explicit CountsCounter(const Count& count) : expected_(count) {}
    void begin(const Look& look) override { before_ = look.snapshot.metrics.counters.*expected_.member; }
    void look(const Look& look) override {
        count_ = look.snapshot.metrics.counters.*expected_.member - before_;
        if (count_ > expected_.most && exceeded_ == LocalTime{}) exceeded_ = look.at;
        ended_ = look.at;
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = bounds_text(expected_) + " " + expected_.counter;
        compare(outcome, expected_, count_, exceeded_, ended_);
    }

private:
    Count expected_;
    std::uint64_t before_ = 0, count_ = 0;
    LocalTime exceeded_, ended_;
};

class CountsConflicts : public Judge {
public:
    explicit CountsConflicts(const Count& count) : expected_(count) {}
    void begin(const Look& look) override { began_ = look.at; }
    void look(const Look& look) override {
        count_ = 0;
        ended_ = look.at;
        query::ConflictFacts facts;
        for (std::size_t i = 0; i < look.snapshot.conflicts.size(); ++i) {
            const engine::Conflict& conflict = *look.snapshot.conflicts[i];
            if (conflict.at < began_ || !expected_.filter.matches(facts.at(conflict))) continue;
            if (++count_ == expected_.most + 1) exceeded_ = conflict.at, about_ = conflict.reference;
        }
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = bounds_text(expected_) + " conflicts" + filtered(expected_.filter);
        compare(outcome, expected_, count_, exceeded_, ended_);
        outcome.about = about_;
    }

private:
    Count expected_;
    std::uint64_t count_ = 0;
    LocalTime began_, ended_, exceeded_;
    std::string about_;
};

class EverythingRecovered : public Judge {
public:
    void begin(const Look& look) override { before_ = look.snapshot.metrics.counters; }
    void look(const Look& look) override {
        const engine::Counters& now = look.snapshot.metrics.counters;
        missed_ = now.missed - before_.missed;
        recovered_ = now.recovered - before_.recovered;
        hidden_ = now.hidden - before_.hidden;
        const bool all = missed_ <= recovered_ + hidden_;
        if (all)
            open_since_ = {};
        else if (open_since_ == LocalTime{})
            open_since_ = look.at;
        ended_ = look.at;
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = "all that the socket missed is recovered";
        outcome.measured = std::to_string(missed_) + " missed, " + std::to_string(recovered_) + " recovered";
        if (hidden_ > 0) outcome.measured += ", " + std::to_string(hidden_) + " hidden from this login since";
        const bool all = open_since_ == LocalTime{};
        outcome.figure = all ? 0 : static_cast<std::int64_t>(missed_ - recovered_ - hidden_);
        outcome.verdict = all ? Verdict::Passed : Verdict::Failed;
        if (!all) outcome.from = open_since_, outcome.at = ended_;
    }

private:
    engine::Counters before_;
    std::uint64_t missed_ = 0, recovered_ = 0, hidden_ = 0;
    LocalTime open_since_, ended_;
};

// By the rows that say so: the same version of a resource became what is shown twice.
class AppliedOnce : public Judge {
public:
    void begin(const Look& look) override { rows_.begin(look.snapshot); }
    void look(const Look& look) override {
        rows_.each(
            look.snapshot,
            [&](std::uint64_t number) {
                const engine::UpdateRow& row = look.snapshot.updates[number];
                if (row.outcome != engine::Outcome::Applied || row.deleted) return;
                const std::string_view reference = query::named_by(look.snapshot, number);
                const std::string_view version = engine::version_of(row);
                if (version.empty()) return; // a server without versions
                if (applied_.size() >= most_followed) return static_cast<void>(++not_followed_);
                std::string key(reference);
                key += '/';
                key += version;
                if (applied_.insert(std::move(key)).second || times_++ > 0) return;
                at_ = row.dequeued, about_ = reference, version_ = version;
            });
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = "no version is applied twice";
        outcome.figure = static_cast<std::int64_t>(times_);
        outcome.verdict = times_ > 0 ? Verdict::Failed : Verdict::Passed;
        outcome.measured = times_ > 0 ? counted(times_, "version", "versions") + " came again, the first is " + version_
                                      : counted(applied_.size(), "version", "versions") + " applied, each once";
        if (times_ > 0) outcome.from = outcome.at = at_, outcome.about = about_;
        const std::uint64_t lost = rows_.lost() + not_followed_;
        if (times_ > 0 || lost == 0) return;
        outcome.verdict = Verdict::Undecided;
        outcome.measured = left_the_log(lost);
    }

private:
    static constexpr std::size_t most_followed = 4'000'000;
    NewRows rows_;
    std::unordered_set<std::string> applied_;
    std::uint64_t times_ = 0, not_followed_ = 0;
    LocalTime at_;
    std::string about_, version_;
};

// What is shown never becomes older.
class VersionsGoForward : public Judge {
public:
    void change(LocalTime at, const engine::Change& change) override {
        ++changes_;
        if (change.before == nullptr || change.before->history.empty()) return;
        const engine::Version& before = change.before->current();
        const engine::Version& after = change.after->current();
        if (!before.resource || !after.resource || !before.last_updated || !after.last_updated) return;
        if (*after.last_updated >= *before.last_updated || times_++ > 0) return;
        at_ = at, about_ = change.after->reference;
        versions_ = std::string(before.version_id()) + " of " + fhir::format_instant(*before.last_updated) +
                    " was followed by " + std::string(after.version_id()) + " of " +
                    fhir::format_instant(*after.last_updated);
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = "no version goes back";
        outcome.figure = static_cast<std::int64_t>(times_);
        outcome.verdict = times_ > 0 ? Verdict::Failed : Verdict::Passed;
        outcome.measured =
            times_ > 0 ? "went back " + counted(times_, "time", "times") : counted(changes_, "change", "changes");
        if (times_ > 0) outcome.from = outcome.at = at_, outcome.about = about_, outcome.instead = versions_;
    }

private:
    std::uint64_t changes_ = 0, times_ = 0;
    LocalTime at_;
    std::string about_, versions_;
};

class LatencyIsBelow : public Judge {
public:
    explicit LatencyIsBelow(const Latency& latency) : expected_(latency) {}
    void begin(const Look& look) override { rows_.begin(look.snapshot); }
    void look(const Look& look) override {
        query::UpdateFacts facts(look.snapshot, &look.conflicts);
        constexpr query::UpdateField fields[] = {query::UpdateField::Latency, query::UpdateField::Transport,
                                                 query::UpdateField::Queued};
        const auto field = static_cast<std::size_t>(fields[static_cast<std::size_t>(expected_.stage)]);
        rows_.each(look.snapshot, [&](std::uint64_t number) {
            if (!expected_.filter.matches(facts.at(number))) return;
            const auto took = facts.number(field);
            if (!took) return;
            values_.record(*took);
            if (Length(*took) < expected_.below) return;
            ++above_;
            if (*took <= worst_) return;
            worst_ = *took;
            const engine::UpdateRow& row = look.snapshot.updates[number];
            at_ = row.dequeued, about_ = query::named_by(look.snapshot, number);
        });
    }
    void conclude(Outcome& outcome) override {
        const std::string percentile = expected_.permille == 1000 ? "the longest" : "p" + permille_text();
        constexpr std::string_view stages[] = {"changed to applied", "changed to received", "received to taken"};
        outcome.wanted = percentile + " of " + std::string(stages[static_cast<std::size_t>(expected_.stage)]) +
                         " is below " + length_text(expected_.below) + filtered(expected_.filter);
        if (values_.count() == 0) {
            outcome.measured = "no update has a latency here";
            return;
        }
        // Which side it is on is counted; the figure itself is of a histogram of about 3 % precision.
        const auto rank = engine::nearest_rank(expected_.permille / 1000.0, values_.count());
        const bool below = values_.count() - above_ >= rank;
        auto figure = static_cast<std::int64_t>(values_.percentile(expected_.permille / 1000.0));
        figure = below ? std::min(figure, expected_.below.count() - 1) : std::max(figure, expected_.below.count());
        outcome.figure = figure;
        outcome.verdict = below ? Verdict::Passed : Verdict::Failed;
        outcome.measured = length_text(Length(figure)) + " of " + counted(values_.count(), "update", "updates");
        if (below) return;
        outcome.measured += ", " + std::to_string(above_) + " not below; the longest " + length_text(Length(worst_));
        outcome.from = at_ - Length(worst_), outcome.at = at_, outcome.about = about_;
    }

private:
    std::string permille_text() const {
        const std::string whole = std::to_string(expected_.permille / 10);
        return expected_.permille % 10 == 0 ? whole : whole + "." + std::to_string(expected_.permille % 10);
    }

    Latency expected_;
    NewRows rows_;
    engine::Histogram values_;
    std::uint64_t above_ = 0;
    std::int64_t worst_ = -1;
    LocalTime at_;
    std::string about_;
};

// Each update of the second kind comes after one of the first.
class ComesInOrder : public Judge {
public:
    explicit ComesInOrder(const Order& order) : expected_(order) {}
    void begin(const Look& look) override { rows_.begin(look.snapshot); }
    void look(const Look& look) override {
        query::UpdateFacts facts(look.snapshot, &look.conflicts);
        rows_.each(look.snapshot, [&](std::uint64_t number) {
            const std::string reference(expected_.same_resource ? query::named_by(look.snapshot, number)
                                                                : std::string_view());
            if (expected_.then.matches(facts.at(number))) {
                ++then_;
                if (!first_.contains(reference) && early_++ == 0) {
                    at_ = look.snapshot.updates[number].dequeued;
                    about_ = query::named_by(look.snapshot, number);
                }
            }
            if (expected_.first.matches(facts.at(number))) first_.insert(reference);
        });
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = expected_.first.canonical() + " comes before " + expected_.then.canonical() +
                         (expected_.same_resource ? ", for each resource" : "");
        outcome.figure = static_cast<std::int64_t>(early_);
        outcome.measured = counted(then_, "update", "updates") + " of the second kind";
        if (then_ == 0) return;
        outcome.verdict = early_ > 0 ? Verdict::Failed : Verdict::Passed;
        if (early_ == 0) return;
        outcome.measured += ", " + std::to_string(early_) + " with none of the first before it";
        outcome.from = outcome.at = at_, outcome.about = about_;
    }

private:
    Order expected_;
    NewRows rows_;
    std::unordered_set<std::string> first_; // resources; "" for any
    std::uint64_t then_ = 0, early_ = 0;
    LocalTime at_;
    std::string about_;
};

} // namespace

std::unique_ptr<Judge> make_judge(const Count& count) {
    if (count.of == Count::Of::Updates) return std::make_unique<CountsUpdates>(count);
    if (count.of == Count::Of::Conflicts) return std::make_unique<CountsConflicts>(count);
    return std::make_unique<CountsCounter>(count);
}
std::unique_ptr<Judge> make_judge(const AllRecovered&) { return std::make_unique<EverythingRecovered>(); }
std::unique_ptr<Judge> make_judge(const Never& never) {
    if (never.what == Never::What::VersionBack) return std::make_unique<VersionsGoForward>();
    return std::make_unique<AppliedOnce>();
}
std::unique_ptr<Judge> make_judge(const Latency& latency) { return std::make_unique<LatencyIsBelow>(latency); }
std::unique_ptr<Judge> make_judge(const Order& order) { return std::make_unique<ComesInOrder>(order); }

} // namespace fhirscope::checks
