#pragma once
// Whether a resource changed in a range of time, as far as its versions are kept.

#include "engine/snapshot.hpp"
#include "gui/model/values.hpp"

#include <algorithm>
#include <cstdint>

namespace fhirscope::gui {

enum class InRange : std::uint8_t { Unchanged, Changed, NotKnown };

inline InRange changed_in(const engine::Record& record, const TimeRange& range) {
    const auto lies_in = [&](const engine::VersionPtr& version) {
        return version->received >= range.begin && version->received < range.end;
    };
    if (std::any_of(record.history.rbegin(), record.history.rend(), lies_in)) return InRange::Changed;
    const bool older_left = record.versions_seen > record.history.size();
    const bool all_after = !record.history.empty() && record.history.front()->received >= range.end;
    return older_left && all_after ? InRange::NotKnown : InRange::Unchanged;
}

} // namespace fhirscope::gui
