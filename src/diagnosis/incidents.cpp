#include "diagnosis/incidents.hpp"

#include "diagnosis/compose.hpp"
#include "diagnosis/facts.hpp"
#include "diagnosis/groups.hpp"
#include "diagnosis/own_causes.hpp"
#include "diagnosis/stretches.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace fhirscope::diagnosis {
namespace {

constexpr std::chrono::minutes explained_for{3}; // what is over explains nothing that begins later than this

} // namespace

struct Incidents::Book {
    Stretches stretches;
    OwnCauses own;
    std::vector<Explainer> explainers; // causes of what is over, for what follows it
    std::deque<IncidentPtr> settled;   // nothing changes them any more
    struct Decision {
        CauseCode cause{};
        LocalTime since;
    };
    std::map<std::uint64_t, Decision> decisions; // by the number of a stretch

    std::vector<Judged> judge_all(LocalTime now);
};

Incidents::Incidents() : book_(std::make_unique<Book>()) {}
Incidents::~Incidents() = default;
Incidents::Incidents(Incidents&&) noexcept = default;
Incidents& Incidents::operator=(Incidents&&) noexcept = default;

std::vector<Judged> Incidents::Book::judge_all(LocalTime now) {
    std::vector<Judged> judged;
    for (const Stretches::One& one : stretches.all()) {
        // Some observations say the cause themselves.
        const Tally& seen = one.stretch.tally;
        judged.push_back(one.cause == CauseCode::NotKnown
                             ? judge(one.stretch)
                             : Judged{.cause = one.cause,
                                      .why = yes(seen.evidence().empty() ? std::string() : seen.evidence().back().text),
                                      .confidence = 95});
        const CauseCode cause = judged.back().cause;
        const auto [decision, is_new] = decisions.emplace(one.number, Decision{cause, now});
        if (!is_new && decision->second.cause != cause) decision->second = {cause, now};
    }
    return judged;
}

void Incidents::update(const engine::Snapshot& snapshot, const Facts& facts, const std::vector<FindingPtr>& findings) {
    Book& book = *book_;
    const LocalTime now = snapshot.at;
    book.stretches.update(snapshot, facts, findings);
    std::erase_if(book.explainers, [&](const Explainer& one) { return now - one.to > explained_for; });
    const std::vector<Judged> judged = book.judge_all(now);
    const auto& all = book.stretches.all();
    const std::vector<Group> groups = grouped(all, judged, book.explainers, now);

    going_on_.clear();
    over_.clear();
    const auto settle = [&](IncidentPtr incident) {
        book.settled.push_front(std::move(incident));
        if (book.settled.size() <= over_kept) return;
        ++dropped_;
        book.settled.pop_back();
    };
    std::vector<bool> kept(all.size(), false); // as long as one of a group may change, the others are wanted
    std::vector<Explainer> others = book.explainers;
    for (const Group& group : groups) {
        Incident incident = composed(group, all, judged, snapshot);
        incident.number = UINT64_MAX;
        incident.decided = LocalTime::max();
        bool is_cold = incident.settled();
        LocalTime began = incident.from;
        for (const std::size_t i : group.members) {
            incident.number = std::min(incident.number, all[i].number);
            incident.decided = std::min(incident.decided, book.decisions[all[i].number].since);
            is_cold = is_cold && book.stretches.is_cold(all[i], now);
            began = std::min(began, earliest(all[i]));
        }
        others.push_back({group.cause, began, incident.settled() ? incident.to : now});
        if (!is_cold)
            for (const std::size_t i : group.members) kept[i] = true;
        auto made = std::make_shared<const Incident>(std::move(incident));
        if (!made->settled()) {
            going_on_.push_back(std::move(made));
        } else if (is_cold) {
            book.explainers.push_back({made->cause, began, made->to});
            settle(std::move(made));
        } else {
            over_.push_back(std::move(made));
        }
    }
    book.own.update(snapshot, facts, findings, others, [&] { return book.stretches.take_number(); });
    for (IncidentPtr& incident : book.own.take_settled(now)) settle(std::move(incident));
    for (IncidentPtr& incident : book.own.incidents())
        if (!incident->settled())
            going_on_.push_back(std::move(incident));
        else
            over_.push_back(std::move(incident));
    over_.insert(over_.end(), book.settled.begin(), book.settled.end());
    book.stretches.forget_cold(now, kept);
    std::erase_if(
        book.decisions,
        [&](const auto& item) {
            return std::none_of(
                all.begin(), all.end(), [&](const auto& one) { return one.number == item.first; });
        });
    std::stable_sort(
        going_on_.begin(), going_on_.end(),
        [](const IncidentPtr& a, const IncidentPtr& b) {
            return a->severity != b->severity ? a->severity > b->severity : a->from > b->from;
        });
    std::stable_sort(over_.begin(), over_.end(),
                     [](const IncidentPtr& a, const IncidentPtr& b) { return a->to > b->to; });
}

std::uint64_t Incidents::not_kept() const { return dropped_ + book_->stretches.dropped(); }

IncidentPtr Incidents::find(std::uint64_t number) const {
    for (const IncidentPtr& one : going_on_)
        if (one->number == number) return one;
    for (const IncidentPtr& one : over_)
        if (one->number == number) return one;
    return nullptr;
}

IncidentPtr Incidents::worst() const {
    return going_on_.empty() || going_on_.front()->severity == Severity::Info ? nullptr : going_on_.front();
}

} // namespace fhirscope::diagnosis
