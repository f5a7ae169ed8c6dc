#include "gui/model/incidents/incident_list.hpp"

#include "diagnosis/incident_text.hpp"
#include "gui/model/incidents/incident_words.hpp"
#include "query/text.hpp"

#include <algorithm>
#include <compare>

namespace fhirscope::gui {

using diagnosis::Incident;
using diagnosis::IncidentPtr;

namespace {

bool begins_descending(IncidentKey key) {
    return key != IncidentKey::Headline && key != IncidentKey::Scope && key != IncidentKey::State;
}

std::weak_ordering compare_by(IncidentKey key, const Incident& a, const Incident& b) {
    const auto time = [](const Incident& one) { return one.open() ? LocalTime::max() : one.to; };
    switch (key) {
        case IncidentKey::Headline:
            return a.headline <=> b.headline;
        case IncidentKey::Scope:
            return a.scope <=> b.scope;
        case IncidentKey::From:
            return a.from <=> b.from;
        case IncidentKey::To:
            return time(a) <=> time(b);
        case IncidentKey::Missed:
            return a.missed <=> b.missed;
        case IncidentKey::Recovered:
            return a.recovered <=> b.recovered;
        case IncidentKey::Deleted:
            return a.deleted <=> b.deleted;
        case IncidentKey::Confidence:
            return a.confidence <=> b.confidence;
        case IncidentKey::State:
            if (a.state != b.state) return a.state <=> b.state;
            return b.severity <=> a.severity; // the worst first
    }
    return std::weak_ordering::equivalent;
}

} // namespace

IncidentSort next_sort(const IncidentSort& now, IncidentKey clicked) {
    const bool usual = begins_descending(clicked);
    if (!now.by_person || now.key != clicked) return {.key = clicked, .descending = usual, .by_person = true};
    if (now.descending == usual) return {.key = clicked, .descending = !usual, .by_person = true};
    return {};
}

void sort_incidents(std::vector<IncidentPtr>& rows, const IncidentSort& sort) {
    if (!sort.by_person) return;
    std::stable_sort(rows.begin(), rows.end(), [&](const IncidentPtr& a, const IncidentPtr& b) {
        const std::weak_ordering order = compare_by(sort.key, *a, *b);
        return sort.descending ? order > 0 : order < 0;
    });
}

bool matches(const Incident& incident, std::string_view filter) {
    std::string text = incident.headline;
    for (const std::string_view part :
         {incident.title, std::string_view(incident.scope), incident.id, diagnosis::state_text(incident.state)})
        text.append("\n").append(part);
    for (const std::string& about : incident.about) text.append("\n").append(about);
    while (!filter.empty()) {
        const std::string_view word = filter.substr(0, filter.find(' '));
        if (!word.empty() && !query::contains_folded(text, query::fold(word))) return false;
        filter.remove_prefix(std::min(filter.size(), word.size() + 1));
    }
    return true;
}

void IncidentList::update(const diagnosis::Diagnosis& diagnosis, const IncidentQuestion& question) {
    if (revision_ == diagnosis.revision() && question_ == question) return;
    revision_ = diagnosis.revision();
    question_ = question;
    rows_.clear();
    hidden_ = 0;
    const auto add = [&](const IncidentPtr& incident) {
        if (matches(*incident, question.filter))
            rows_.push_back(incident);
        else
            ++hidden_;
    };
    const diagnosis::Incidents& all = diagnosis.incidents();
    if (question.segment != IncidentSegment::Over)
        for (const IncidentPtr& incident : all.going_on()) add(incident);
    if (question.segment != IncidentSegment::GoingOn)
        for (const IncidentPtr& incident : all.over()) add(incident);
    sort_incidents(rows_, question.sort);
}

std::optional<std::size_t> IncidentList::place_of(std::uint64_t number) const {
    const auto at =
        std::find_if(rows_.begin(), rows_.end(), [&](const IncidentPtr& one) { return one->number == number; });
    return at == rows_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - rows_.begin()));
}

} // namespace fhirscope::gui
