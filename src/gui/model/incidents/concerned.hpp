#pragma once
// Which resources an incident concerns that goes on, or is selected.

#include "diagnosis/diagnosis.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::gui {

class Concerned {
public:
    // `selected`: number of the selected incident; 0: none.
    void update(const diagnosis::Diagnosis& diagnosis, std::uint64_t selected);
    // The selected one first, then the most severe; null: none.
    const diagnosis::Incident* by(std::string_view reference) const;

private:
    std::optional<std::uint64_t> revision_;
    std::uint64_t selected_ = 0;
    std::map<std::string, diagnosis::IncidentPtr, std::less<>> by_; // by reference
};

} // namespace fhirscope::gui
