#include "fhir/validate.hpp"

#include <array>

namespace fhirscope::fhir {
namespace {

constexpr bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Each frame has several ids to check, so this is looked up.
constexpr std::array<bool, 256> make_id_characters() {
    std::array<bool, 256> allowed{};
    for (int c = 0; c < 128; ++c)
        allowed[static_cast<std::size_t>(c)] =
            is_letter(static_cast<char>(c)) || (c >= '0' && c <= '9') || c == '-' || c == '.';
    return allowed;
}
constexpr std::array<bool, 256> id_characters = make_id_characters();

void check_identity(const Resource& resource, std::vector<Problem>& problems) {
    if (resource.type().empty()) {
        if (resource.member("resourceType"))
            problems.push_back({"bad-type", "resourceType is not a string, or an empty one"});
        else
            problems.push_back({"missing-type", "resourceType is missing"});
    } else if (!is_valid_type(resource.type())) {
        problems.push_back({"bad-type", "resourceType \"" + std::string(resource.type()) + "\" is not a type name"});
    }

    if (resource.id().empty()) {
        if (resource.member("id"))
            problems.push_back({"bad-id", "id is not a string, or an empty one"});
        else
            problems.push_back({"missing-id", "id is missing"});
    } else if (!is_valid_id(resource.id())) {
        problems.push_back({"bad-id", "id \"" + std::string(resource.id().substr(0, 80)) +
                                          "\" is not 1 to 64 letters, digits, \"-\" or \".\""});
    }
}

// FHIR allows 64; what is kept of each version must stay small whatever a server invents.
constexpr std::size_t longest_version_id = 256, longest_instant = 64;

void check_version(const Resource& resource, std::vector<Problem>& problems) {
    if (resource.version_id().empty()) problems.push_back({"missing-version", "meta.versionId is missing"});
    if (resource.version_id().size() > longest_version_id)
        problems.push_back({"bad-version", "meta.versionId has " + std::to_string(resource.version_id().size()) +
                                               " bytes; at most " + std::to_string(longest_version_id) +
                                               " are accepted"});
    if (resource.last_updated_text().empty())
        problems.push_back({"missing-last-updated", "meta.lastUpdated is missing"});
    else if (!resource.last_updated() || resource.last_updated_text().size() > longest_instant)
        problems.push_back(
            {"bad-last-updated",
             "meta.lastUpdated \"" + std::string(resource.last_updated_text().substr(0, 80)) + "\" is not an instant"});
}

void check_json_rules(const Resource& resource, std::vector<Problem>& problems) {
    const Irregularity found = resource.irregularities();
    if (found == Irregularity::None) return;
    // Only the first place is kept, so with several rules broken it is named as such.
    const std::string where = resource.irregular_at().empty() ? "" : " (first at " + resource.irregular_at() + ")";
    if (has(found, Irregularity::NullValue)) problems.push_back({"null-value", "null outside an array" + where});
    if (has(found, Irregularity::EmptyValue))
        problems.push_back({"empty-value", "an empty string, array or object" + where});
    if (has(found, Irregularity::DuplicateKey))
        problems.push_back({"duplicate-key", "a property name twice in one object" + where});
    if (has(found, Irregularity::ControlChar))
        problems.push_back({"control-char", "a control character in a string" + where});
}

} // namespace

std::vector<Problem> validate(const Resource& resource) {
    std::vector<Problem> problems;
    check_identity(resource, problems);
    check_version(resource, problems);
    check_json_rules(resource, problems);
    return problems;
}

bool is_valid_id(std::string_view id) {
    if (id.empty() || id.size() > 64) return false;
    bool is_valid = true;
    for (const char c : id) is_valid &= id_characters[static_cast<unsigned char>(c)];
    return is_valid;
}

bool is_valid_type(std::string_view type) {
    if (type.size() < 2 || type[0] < 'A' || type[0] > 'Z') return false;
    for (const char c : type)
        if (!is_letter(c)) return false;
    return true;
}

} // namespace fhirscope::fhir
