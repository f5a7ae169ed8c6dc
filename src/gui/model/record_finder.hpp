#pragma once
// A record by its reference, frame after frame: it stays where it was, so it is looked for once.

#include "engine/snapshot.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace fhirscope::gui {

class RecordFinder {
public:
    // Null when it is not held.
    const engine::Record* find(const engine::Snapshot& snapshot, const std::string& reference);

private:
    struct Place {
        std::size_t store = 0, index = 0;
    };
    std::string reference_;
    std::optional<Place> place_;
    std::size_t searched_ = 0; // records there were when the reference was not found
};

} // namespace fhirscope::gui
