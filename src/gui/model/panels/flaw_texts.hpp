#pragma once
// What is formally wrong with the resources of a panel's visible rows, kept from frame to frame: to find it, the whole
// content is looked at.

#include "fhir/validate.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace fhirscope::gui {

class FlawTexts {
public:
    // More rows than any window shows at once; beyond them all are forgotten.
    static constexpr std::size_t most_rows = 512;

    // fhir::flaws_of() this resource, which row `row` shows; valid until the next call.
    const std::string& of(std::uint32_t row, const fhir::ResourcePtr& resource) {
        if (rows_.size() >= most_rows && !rows_.contains(row)) rows_.clear();
        Kept& kept = rows_[row];
        if (kept.resource != resource) {
            kept = {resource, fhir::flaws_of(*resource)};
            ++examined_;
        }
        return kept.flaws;
    }

    std::size_t size() const { return rows_.size(); }
    // How many resources were looked at: a test pins that each is once.
    std::size_t examined() const { return examined_; }

private:
    struct Kept {
        fhir::ResourcePtr resource; // held, so that its address names it
        std::string flaws;
    };
    std::unordered_map<std::uint32_t, Kept> rows_; // by their place in the store
    std::size_t examined_ = 0;
};

} // namespace fhirscope::gui
