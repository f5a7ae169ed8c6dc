// Patient: which of several names and identifiers to show (PROTOCOL E2).

#include <array>

#include "engine/handler.hpp"
#include "fhir/json.hpp"

namespace fhirscope::engine {
namespace {

using rapidjson::Value;

// official > usual > the first that is not old.
const Value* best_name(const rapidjson::Document& names) {
    if (!names.IsArray()) return nullptr;
    const Value* best = nullptr;
    int best_rank = 3;
    for (const Value& name : names.GetArray()) {
        const std::string_view use = fhir::string_at(name, "use");
        const int rank = use == "official" ? 0 : use == "usual" ? 1 : use == "old" ? 3 : 2;
        if (rank < best_rank) best = &name, best_rank = rank;
    }
    return best;
}

std::string display_name(const fhir::Resource& patient) {
    const auto member = patient.member("name");
    if (!member) return "";
    const auto names = fhir::parse_json(*member);
    if (!names) return "";
    const Value* name = best_name(*names);
    if (!name) return "";
    if (const auto text = fhir::string_at(*name, "text"); !text.empty()) return std::string(text);
    std::string shown;
    const auto given = name->FindMember("given");
    if (given != name->MemberEnd() && given->value.IsArray())
        for (const Value& part : given->value.GetArray())
            if (part.IsString()) (shown += part.GetString()) += ' ';
    shown += fhir::string_at(*name, "family");
    while (!shown.empty() && shown.back() == ' ') shown.pop_back();
    return shown;
}

// The medical record number if there is one, else the official or first identifier.
std::string main_identifier(const fhir::Resource& patient) {
    const auto member = patient.member("identifier");
    if (!member) return "";
    const auto identifiers = fhir::parse_json(*member);
    if (!identifiers || !identifiers->IsArray()) return "";
    std::string_view best;
    int best_rank = 4;
    for (const Value& identifier : identifiers->GetArray()) {
        const std::string_view value = fhir::string_at(identifier, "value");
        if (value.empty()) continue;
        int rank = 3;
        const std::string_view use = fhir::string_at(identifier, "use");
        if (use == "official" || use == "usual") rank = use == "official" ? 1 : 2;
        const auto type = identifier.FindMember("type");
        if (type != identifier.MemberEnd() && type->value.IsObject()) {
            const auto coding = type->value.FindMember("coding");
            if (coding != type->value.MemberEnd() && coding->value.IsArray())
                for (const Value& code : coding->value.GetArray())
                    if (fhir::string_at(code, "code") == "MR") rank = 0;
        }
        if (rank < best_rank) best = value, best_rank = rank;
    }
    return std::string(best);
}

class PatientHandler final : public Handler {
public:
    std::string_view type() const override { return "Patient"; }
    std::span<const ComputedColumn> computed() const override { return columns_; }

private:
    std::array<ComputedColumn, 2> columns_{{{"name", {"name"}, display_name}, {"identifier", {"identifier"}, main_identifier}}};
};

} // namespace

std::unique_ptr<Handler> make_patient_handler() { return std::make_unique<PatientHandler>(); }

} // namespace fhirscope::engine
