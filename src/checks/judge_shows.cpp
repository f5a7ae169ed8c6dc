// What a resource shows, and how soon.

#include "checks/judge.hpp"
#include "checks/selector.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace fhirscope::checks {

namespace {

// Each change at the server is shown in time.
class ShowsChanges : public Judge {
public:
    explicit ShowsChanges(const Shows& shows) : selector_(shows.what), field_(shows.what.field), shows_(shows) {}

    void begin(const Look& look) override {
        selector_.begin(look.snapshot);
        from_ = look.at;
    }
    void change(LocalTime at, const engine::Change& change) override {
        const engine::Record& after = *change.after;
        if (!selector_.selects(after) || (field_ && !selector_.shows(after))) return;
        if (field_ && change.before != nullptr && selector_.shows(*change.before)) return; // it was so before
        const fhir::Resource& version = *after.resource();
        if (!version.last_updated() || !version.time_is_exact()) {
            ++untimed_;
            return;
        }
        waiting_.push_back({at, *version.last_updated(), after.reference,
                            change.before != nullptr ? selector_.value(*change.before) : "nothing"});
    }
    void look(const Look& look) override {
        for (Shown& shown : waiting_) measure(shown, look.snapshot.connection.clock_offset);
        waiting_.clear();
    }
    void end(const Look& look) override {
        if (!field_ || count_ > 0) return;
        selector_.each(look.snapshot, [&](const engine::Record& record) {
            if (selector_.shows(record))
                ++shown_before_;
            else if (instead_.empty())
                instead_ = selector_.value(record), about_ = record.reference;
        });
        ended_ = look.at;
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = selector_.subject() + " shows " + selector_.wanted() + " within " +
                         length_text(shows_.within) + " of the server's change";
        if (!selector_.problem().empty()) {
            outcome.measured = selector_.problem();
        } else if (late_ > 0) {
            outcome.verdict = Verdict::Failed;
            outcome.measured = std::to_string(late_) + " of " + counted(count_, "change", "changes") +
                               " shown later, this one after " + length_text(first_late_.took) +
                               "; the slowest after " + length_text(worst_);
            outcome.from = first_late_.changed, outcome.at = first_late_.at;
            outcome.about = first_late_.reference, outcome.instead = first_late_.instead;
            outcome.figure = worst_.count();
        } else if (count_ > 0) {
            outcome.verdict = Verdict::Passed;
            outcome.measured = counted(count_, "change", "changes") + ", the slowest after " + length_text(worst_);
            outcome.figure = worst_.count();
        } else if (field_ && shown_before_ == 0) {
            outcome.verdict = Verdict::Failed;
            outcome.measured = instead_.empty() ? "no such resource was shown" : "it was never shown";
            outcome.from = from_, outcome.at = ended_;
            outcome.about = about_, outcome.instead = instead_;
        } else {
            outcome.measured = untimed_ > 0 ? "the server gave no time by which it could be measured"
                                            : "nothing of it changed in this time";
        }
    }

private:
    struct Shown {
        LocalTime at;
        ServerTime changed;
        std::string reference, instead;
    };
    struct Late {
        LocalTime changed, at;
        Length took{0};
        std::string reference, instead;
    };
    void measure(Shown& shown, Length clock_offset) {
        const LocalTime changed(shown.changed.time_since_epoch() - clock_offset);
        if (changed < from_) return; // before this time began
        const Length took = std::max(Length(0), shown.at - changed);
        ++count_;
        worst_ = std::max(worst_, took);
        if (took <= shows_.within || late_++ > 0) return;
        first_late_ = {changed, shown.at, took, std::move(shown.reference), std::move(shown.instead)};
    }

    Selector selector_;
    bool field_;
    Shows shows_;
    std::vector<Shown> waiting_; // for the clock's offset, until the next look
    LocalTime from_, ended_;
    std::uint64_t count_ = 0, late_ = 0, untimed_ = 0, shown_before_ = 0;
    Length worst_{0};
    Late first_late_;
    std::string instead_, about_;
};

// By some time after a moment, or after each outage.
class ShowsBy : public Judge {
public:
    ShowsBy(const Shows& shows, LocalTime since) : selector_(shows.what), shows_(shows), since_(since) {}

    void begin(const Look& look) override {
        selector_.begin(look.snapshot);
        phases_.begin(look.snapshot);
        was_live_ = look.snapshot.connection.live_since != LocalTime{};
        selector_.each(look.snapshot, [&](const engine::Record& record) {
            note({look.at, record.reference, true, selector_.shows(record), selector_.value(record)});
        });
    }
    void change(LocalTime at, const engine::Change& change) override {
        const engine::Record& after = *change.after;
        const bool selected = selector_.selects(after);
        if (!selected && !(change.before != nullptr && selector_.selects(*change.before))) return;
        events_.push_back({at, after.reference, selected, selector_.shows(after), selector_.value(after)});
    }
    void look(const Look& look) override {
        std::vector<LocalTime> opened;
        if (shows_.since == Since::Outage)
            phases_.each(look.snapshot, [&](const engine::Transition& transition) {
                if (transition.to == engine::Phase::Live && std::exchange(was_live_, true))
                    opened.push_back(transition.at);
            });
        else if (!asked_ && look.at >= since_)
            opened.push_back(since_);
        std::size_t next = 0;
        for (const Event& event : events_) {
            while (next < opened.size() && opened[next] < event.at) open(opened[next++]);
            take(event);
        }
        while (next < opened.size()) open(opened[next++]);
        events_.clear();
        if (asked_ && look.at > due_) close();
    }
    void end(const Look& look) override { ended_ = look.at; }
    void conclude(Outcome& outcome) override {
        outcome.wanted = selector_.subject() + " shows " + selector_.wanted() + " within " +
                         length_text(shows_.within) +
                         (shows_.since == Since::Outage ? " after real time was back" : " after " + shows_.moment);
        outcome.figure = worst_.count();
        outcome.from = asked_since_;
        if (!selector_.problem().empty()) {
            outcome.measured = selector_.problem();
        } else if (failed_) {
            outcome.verdict = Verdict::Failed;
            outcome.measured = "not shown by then";
            outcome.from = failed_->at - shows_.within;
            outcome.at = failed_->at, outcome.about = failed_->reference, outcome.instead = failed_->value;
        } else if (!ever_asked_) {
            outcome.measured =
                shows_.since == Since::Outage ? "no outage ended in this time" : "this moment is not in the session";
        } else if (asked_ && (!waiting_.empty() || states_.empty())) {
            outcome.at = ended_;
            outcome.measured = "the session ends before that";
        } else {
            outcome.verdict = Verdict::Passed;
            outcome.measured = "shown after " + length_text(worst_) + " at most";
        }
    }

private:
    struct Event {
        LocalTime at;
        std::string reference;
        bool selected = false, shows = false;
        std::string value;
    };
    void note(const Event& event) {
        if (event.selected)
            states_[event.reference] = event;
        else
            states_.erase(event.reference);
    }
    void open(LocalTime at) {
        if (asked_ && at > due_) close();
        asked_ = ever_asked_ = true;
        asked_since_ = at;
        due_ = at + shows_.within;
        waiting_.clear();
        for (const auto& [reference, state] : states_)
            if (!state.shows) waiting_[reference] = state;
    }
    void take(const Event& event) {
        if (asked_ && event.at > due_) close();
        const bool first = states_.empty();
        note(event);
        if (!asked_) return;
        const bool waited = waiting_.erase(event.reference) > 0;
        if (event.shows && event.selected && (waited || first)) worst_ = std::max(worst_, event.at - asked_since_);
        if (event.selected && !event.shows && (waited || first)) waiting_[event.reference] = event;
    }
    // The time is over: what waits has failed.
    void close() {
        asked_ = false;
        since_ = LocalTime::max();
        if (failed_) return;
        if (!waiting_.empty())
            failed_ = waiting_.begin()->second;
        else if (states_.empty())
            failed_ = Event{{}, "", false, false, "no such resource"};
        if (failed_) failed_->at = due_;
    }

    Selector selector_;
    Shows shows_;
    LocalTime since_;
    NewTransitions phases_;
    std::vector<Event> events_;
    std::map<std::string, Event> states_, waiting_; // by reference
    bool asked_ = false, ever_asked_ = false, was_live_ = false;
    LocalTime asked_since_, due_, ended_;
    Length worst_{0};
    std::optional<Event> failed_;
};

class NeverShows : public Judge {
public:
    explicit NeverShows(const Shows& shows) : selector_(shows.what) {}

    void begin(const Look& look) override {
        selector_.begin(look.snapshot);
        selector_.each(look.snapshot, [&](const engine::Record& record) { see(look.at, record); });
    }
    void change(LocalTime at, const engine::Change& change) override {
        if (selector_.selects(*change.after)) see(at, *change.after);
    }
    void conclude(Outcome& outcome) override {
        outcome.wanted = selector_.subject() + " never shows " + selector_.wanted();
        outcome.figure = static_cast<std::int64_t>(count_);
        if (!selector_.problem().empty()) {
            outcome.measured = selector_.problem();
            return;
        }
        outcome.verdict = count_ > 0 ? Verdict::Failed : Verdict::Passed;
        outcome.measured = count_ > 0 ? "shown " + counted(count_, "time", "times") : "never shown";
        if (count_ > 0) outcome.from = outcome.at = at_, outcome.about = about_, outcome.instead = value_;
    }

private:
    void see(LocalTime at, const engine::Record& record) {
        if (!selector_.shows(record) || count_++ > 0) return;
        at_ = at, about_ = record.reference, value_ = selector_.value(record);
    }

    Selector selector_;
    std::uint64_t count_ = 0;
    LocalTime at_;
    std::string about_, value_;
};

} // namespace

std::unique_ptr<Judge> make_judge(const Shows& shows, LocalTime since) {
    if (shows.never) return std::make_unique<NeverShows>(shows);
    if (shows.since == Since::Change) return std::make_unique<ShowsChanges>(shows);
    return std::make_unique<ShowsBy>(shows, since);
}

} // namespace fhirscope::checks
