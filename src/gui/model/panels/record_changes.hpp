#pragma once
// Which records of a store changed between two snapshots: only chunks that changed are looked at.

#include "engine/snapshot.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fhirscope::gui {

using RecordsView = engine::Chunked<engine::RecordPtr>::View;

// Calls `visit` with the index of every record that is new or another one, in order.
template <class Visit>
void for_each_change(const RecordsView& before, const RecordsView& now, const Visit& visit) {
    constexpr std::size_t chunk_size = engine::Chunked<engine::RecordPtr>::chunk_size;
    now.for_each_changed_chunk(before, [&](std::size_t chunk) {
        const std::size_t end = std::min(now.size(), (chunk + 1) * chunk_size);
        for (std::size_t i = chunk * chunk_size; i < end; ++i)
            if (i >= before.size() || before[i] != now[i]) visit(static_cast<std::uint32_t>(i));
    });
}

} // namespace fhirscope::gui
