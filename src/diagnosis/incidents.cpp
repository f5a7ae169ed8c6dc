#include "diagnosis/incidents.hpp"

#include "diagnosis/causes/table.hpp"
#include "diagnosis/facts.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace fhirscope::diagnosis {

struct Incidents::Book {
    std::map<std::pair<std::string, std::string>, Incident> held; // by id and subject of the finding
    std::uint64_t next = 1;
};

Incidents::Incidents() : book_(std::make_unique<Book>()) {}
Incidents::~Incidents() = default;
Incidents::Incidents(Incidents&&) noexcept = default;
Incidents& Incidents::operator=(Incidents&&) noexcept = default;

void Incidents::update(const engine::Snapshot& snapshot, const Facts&, const std::vector<FindingPtr>& findings) {
    auto before = std::exchange(book_->held, {});
    going_on_.clear();
    for (const FindingPtr& finding : findings) {
        const std::pair key{std::string(finding->id), finding->subject};
        const auto known = before.find(key);
        Incident incident = known == before.end() ? Incident{} : known->second;
        if (known != before.end())
            before.erase(known);
        else
            incident.number = book_->next++, incident.noticed = incident.decided = snapshot.at;
        incident.id = finding->id;
        incident.scope = finding->subject;
        incident.severity = finding->severity;
        incident.headline = incident.title = finding->title;
        incident.explanation = finding->explanation;
        incident.from = finding->since;
        incident.confidence = finding->confidence;
        incident.evidence = finding->evidence;
        incident.evidence_count = finding->count;
        incident.decisive = finding->decisive;
        incident.negative = finding->negative;
        incident.advice = finding->advice;
        incident.affects = finding->affects;
        going_on_.push_back(std::make_shared<const Incident>(incident));
        book_->held.emplace(key, std::move(incident));
    }
    for (auto& [key, incident] : before) {
        incident.to = snapshot.at;
        incident.state = IncidentState::Ended;
        over_.push_front(std::make_shared<const Incident>(std::move(incident)));
        ++over_count_;
        if (over_.size() > over_kept) over_.pop_back();
    }
}

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
