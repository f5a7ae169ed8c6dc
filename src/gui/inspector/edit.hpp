#pragma once
// The part of a resource's inspector that says what becomes of an edit of ours: pending, refused or written.

#include "engine/conflict.hpp"
#include "fhir/diff.hpp"
#include "gui/frame/context.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace fhirscope::gui {

// The newest ended edit of one resource. A new snapshot costs the edits that have ended since.
class EndedEdit {
public:
    engine::LocalEditPtr of(const engine::Snapshot& snapshot, const std::string& reference);

private:
    std::string reference_;
    std::uint64_t looked_at_ = 0; // edits before this number
    engine::LocalEditPtr newest_;
};

class EditSection {
public:
    // Takes what it needs from the top of `area`: nothing when there is no edit to tell of.
    void draw(Context& context, Rect& area, const engine::Record& record);

private:
    void pending(Context& context, Rect& area, const engine::Record& record);
    void ended(Context& context, Rect& area, const engine::Record& record, const engine::LocalEdit& edit);
    void asked(Context& context, Rect& area, const engine::Record& record, const engine::LocalEdit& edit);
    const std::vector<fhir::FieldChange>& changes_of(const engine::LocalEditPtr& edit);

    EndedEdit ended_;
    std::set<std::uint64_t> dismissed_; // numbers of ended edits
    engine::LocalEditPtr changes_for_;
    std::vector<fhir::FieldChange> changes_; // from the server's version to the edited one
};

} // namespace fhirscope::gui
