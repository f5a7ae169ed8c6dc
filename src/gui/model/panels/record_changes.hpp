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
    constexpr std::size_t rows_of_chunk = engine::Chunked<engine::RecordPtr>::chunk_size;
    now.for_each_changed_chunk(before, [&](std::size_t chunk) {
        const std::size_t end = std::min(now.size(), (chunk + 1) * rows_of_chunk);
        for (std::size_t i = chunk * rows_of_chunk; i < end; ++i)
            if (i >= before.size() || before[i] != now[i]) visit(static_cast<std::uint32_t>(i));
    });
}

} // namespace fhirscope::gui
