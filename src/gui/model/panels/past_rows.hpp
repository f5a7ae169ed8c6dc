#pragma once
// What a panel's rows were at an earlier moment: made from the versions that are kept, once each. The window and its
// worker may ask at the same time.

#include "engine/handler.hpp"
#include "engine/snapshot.hpp"
#include "fhir/thread_safety.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace fhirscope::gui {

// The place in its history of the version that was shown just before `time`: the newest of those that had come.
// Nothing: none had, or it is not kept any more.
std::optional<std::size_t> version_before(const engine::Record& record, LocalTime time);

// True when the version that was shown just before `time` is not kept any more.
bool forgotten_before(const engine::Record& record, LocalTime time);

class PastRows {
public:
    // Rows of the panel of this type, as they were just before `time`.
    PastRows(const engine::Snapshot& snapshot, std::string_view type, LocalTime time);
    // The same panel at another time; rows that were made already are shared.
    PastRows at(LocalTime time) const;

    // Null: the resource was not there then, or nobody knows any more. Stays valid as long as this does (or, where the
    // newest version was shown then, as the record).
    const engine::Row* row(const engine::Record& record) const;

private:
    struct Made {
        engine::VersionPtr version; // held, so that its address names it
        engine::RowPtr row;
    };
    struct Shared {
        std::optional<engine::RowMaker> maker;
        Mutex mutex; // held to look up and to put in, not while a row is made
        std::unordered_map<const engine::Version*, Made> made FHIRSCOPE_GUARDED_BY(mutex); // nothing leaves it
    };
    LocalTime time_{};
    std::shared_ptr<Shared> shared_;
};

} // namespace fhirscope::gui
