#pragma once
// The incidents that the table shows, in its order.

#include "diagnosis/diagnosis.hpp"
#include "gui/model/values.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

enum class IncidentSegment { GoingOn, Over, All };

// What the table can be sorted by.
enum class IncidentKey { Headline, Scope, From, To, Missed, Recovered, Deleted, Confidence, State };

struct IncidentSort {
    IncidentKey key = IncidentKey::From;
    bool descending = true;
    // What goes on first, then what is newest: so until a person sorts.
    bool by_person = false;
    bool operator==(const IncidentSort&) const = default;
};
// A column's header was clicked: its usual direction, the other one, and back to the order of the program.
IncidentSort next_sort(const IncidentSort& now, IncidentKey clicked);

struct IncidentQuestion {
    IncidentSegment segment = IncidentSegment::All;
    std::string filter{}; // words that the headline, title, scope, state or id must have
    IncidentSort sort{};
    bool operator==(const IncidentQuestion&) const = default;
};

class IncidentList {
public:
    void update(const diagnosis::Diagnosis& diagnosis, const IncidentQuestion& question);

    const std::vector<diagnosis::IncidentPtr>& rows() const { return rows_; }
    std::optional<std::size_t> place_of(std::uint64_t number) const;
    std::size_t hidden() const { return hidden_; } // of the segment, by the filter

private:
    std::optional<std::uint64_t> revision_;
    IncidentQuestion question_;
    std::vector<diagnosis::IncidentPtr> rows_;
    std::size_t hidden_ = 0;
};

// The order and the filter by themselves: what is true of `rows`, which come going on first, then the newest first.
void sort_incidents(std::vector<diagnosis::IncidentPtr>& rows, const IncidentSort& sort);
bool matches(const diagnosis::Incident& incident, std::string_view filter);

} // namespace fhirscope::gui
