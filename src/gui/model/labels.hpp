#pragma once
// What the rows of the engine's logs say to people, in words and marks; who and what they are: query/lookup.hpp.

#include "engine/snapshot.hpp"
#include "gui/base/marks.hpp"
#include "query/lookup.hpp"
#include "query/text.hpp"

#include <chrono>
#include <string_view>

namespace fhirscope::gui {

// Updates that took longer are marked, in the log and as a line in the latency view.
inline constexpr std::chrono::milliseconds slow_update{200};

// Looked up for filters, too.
using query::contains_folded;
using query::first_update_at;
using query::fold;
using query::in_conflict;
using query::is_pending;
using query::latency_of;
using query::named_by;
using query::patient_of;
using query::person_of;
using query::shown_resource;
using query::shown_row;
using query::subscription_of;
using query::transport_of;
using query::version_of;

// A title for people: the first text column of its panel, else its reference.
std::string_view title_of(const engine::Snapshot& snapshot, const engine::Record& record);

Mark outcome_mark(engine::Outcome outcome);
Mark severity_mark(engine::Severity severity);

} // namespace fhirscope::gui
