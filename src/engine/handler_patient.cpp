// Patient: which of several names and identifiers to show (PROTOCOL E2).

#include "engine/handler.hpp"
#include "fhir/slice.hpp"

#include <array>

namespace fhirscope::engine {
namespace {

using fhir::Slice;

// official > usual > the first that is not old.
Slice best_name(Slice names) {
    Slice best;
    int best_rank = 3;
    names.each_element([&](Slice name) {
        const Slice use = name.member("use");
        const int rank = use.is_string("official") ? 0 : use.is_string("usual") ? 1 : use.is_string("old") ? 3 : 2;
        if (rank < best_rank) best = name, best_rank = rank;
    });
    return best;
}

std::string display_name(const fhir::Resource& patient) {
    const Slice name = best_name(Slice(patient.member("name").value_or("")));
    if (std::string text = name.member("text").string(); !text.empty()) return text;
    std::string shown;
    name.member("given").each_element([&](Slice part) {
        if (part.kind() == Slice::Kind::String) (shown += part.string()) += ' ';
    });
    shown += name.member("family").string();
    while (!shown.empty() && shown.back() == ' ') shown.pop_back();
    return shown;
}

bool is_medical_record_number(Slice identifier) {
    bool found = false;
    identifier.member("type").member("coding").each_element(
        [&](Slice code) { found |= code.member("code").is_string("MR"); });
    return found;
}

// The medical record number if there is one, else the official or first identifier.
std::string main_identifier(const fhir::Resource& patient) {
    Slice best;
    int best_rank = 4;
    Slice(patient.member("identifier").value_or("")).each_element([&](Slice identifier) {
        const Slice value = identifier.member("value");
        if (value.raw_string().empty()) return;
        const Slice use = identifier.member("use");
        const int rank = is_medical_record_number(identifier) ? 0
                         : use.is_string("official")          ? 1
                         : use.is_string("usual")             ? 2
                                                              : 3;
        if (rank < best_rank) best = value, best_rank = rank;
    });
    return best.string();
}

class PatientHandler final : public Handler {
public:
    std::string_view type() const override { return "Patient"; }
    std::span<const ComputedColumn> computed() const override { return columns_; }

private:
    std::array<ComputedColumn, 2> columns_{
        {{"name", {"name"}, display_name}, {"identifier", {"identifier"}, main_identifier}}};
};

} // namespace

std::unique_ptr<Handler> make_patient_handler() { return std::make_unique<PatientHandler>(); }

} // namespace fhirscope::engine
