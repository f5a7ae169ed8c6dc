#include "fhir/validate.hpp"

#include "fhir/ascii.hpp"
#include "fhir/harmless.hpp"
#include "fhir/slice.hpp"
#include "fhir/task.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace fhirscope::fhir {
namespace {

// Each frame has several ids to check, so this is looked up.
constexpr std::array<bool, 256> make_id_characters() {
    std::array<bool, 256> allowed{};
    for (int c = 0; c < 128; ++c)
        allowed[static_cast<std::size_t>(c)] = is_letter(static_cast<char>(c)) || is_digit(c) || c == '-' || c == '.';
    return allowed;
}
constexpr std::array<bool, 256> id_characters = make_id_characters();

constexpr std::size_t longest_usable_id = 255;
constexpr std::size_t very_large = 1u << 20; // FHIR bounds a text by that, and a Medplum frame is not larger

std::string cut(std::string_view text) { return std::string(text.substr(0, 80)); }

class Validator {
public:
    explicit Validator(const Resource& resource) : resource_(resource) {}

    std::vector<Problem> check() {
        check_identity();
        check_version();
        check_time();
        check_json_rules();
        check_codes();
        if (resource_.text().size() > very_large)
            flaw("very-large", "it has " + std::to_string(resource_.text().size()) + " bytes");
        return std::move(problems_);
    }

private:
    void refuse(const char* code, std::string message) { problems_.push_back({code, std::move(message), true}); }
    void flaw(const char* code, std::string message) { problems_.push_back({code, std::move(message), false}); }

    void check_identity() {
        if (resource_.type().empty())
            if (resource_.member("resourceType"))
                refuse("bad-type", "resourceType is not a string, or an empty one");
            else
                refuse("missing-type", "resourceType is missing");
        else if (!is_valid_type(resource_.type()))
            refuse("bad-type", "resourceType \"" + cut(resource_.type()) + "\" is not a type name");
        const std::string_view id = resource_.id();
        if (id.empty())
            if (resource_.member("id"))
                refuse("bad-id", "id is not a string, or an empty one");
            else
                refuse("missing-id", "id is missing");
        else if (!is_usable_id(id))
            refuse("bad-id", "id \"" + cut(id) + "\" cannot be part of an address");
        else if (!is_valid_id(id))
            flaw("odd-id", "id \"" + cut(id) + "\" is not 1 to 64 letters, digits, \"-\" or \".\"");
    }

    void check_version() {
        const bool has_meta = resource_.member("meta").has_value();
        if (resource_.version_id().empty())
            flaw("missing-version", has_meta ? "meta.versionId is missing" : "meta is missing");
        else if (resource_.version_is_etag())
            flaw("version-of-header", "meta.versionId is missing; the ETag of a read stands in");
    }

    void check_time() {
        if (resource_.time_is_header())
            flaw("last-updated-of-header", "meta.lastUpdated is missing; the Last-Modified of a read stands in");
        else if (resource_.last_updated_text().empty())
            flaw("missing-last-updated", "meta.lastUpdated is missing");
        else if (!resource_.last_updated())
            flaw("bad-last-updated",
                 "meta.lastUpdated \"" + cut(resource_.last_updated_text()) + "\" is not an instant");
        else if (!resource_.time_is_exact())
            flaw("no-zone", "meta.lastUpdated \"" + cut(resource_.last_updated_text()) + "\" has no zone");
    }

    void check_json_rules() {
        const Irregularity found = resource_.irregularities();
        if (found == Irregularity::None) return;
        // Only the first place is kept, so with several rules broken it is named as such.
        const std::string where =
            resource_.irregular_at().empty() ? "" : " (first at " + resource_.irregular_at() + ")";
        if (has(found, Irregularity::DuplicateKey))
            refuse("duplicate-key", "a property name twice in one object" + where);
        if (has(found, Irregularity::NumberAsText))
            flaw("number-as-text", number_place() + " is a number, not a string");
        if (has(found, Irregularity::NullValue)) flaw("null-value", "null outside an array" + where);
        if (has(found, Irregularity::EmptyValue)) flaw("empty-value", "an empty string, array or object" + where);
        if (has(found, Irregularity::ControlChar)) flaw("control-char", "a control character in a string" + where);
    }

    // Which of the three, whatever else came first.
    std::string number_place() const {
        const Slice meta(resource_.member("meta").value_or(""));
        if (meta.member("versionId").kind() == Slice::Kind::Number) return "meta.versionId";
        if (meta.member("lastUpdated").kind() == Slice::Kind::Number) return "meta.lastUpdated";
        return "id";
    }

    // The codes that decide how a row looks, where FHIR lets a server add none of its own.
    void check_codes() {
        constexpr std::string_view priorities[] = {"routine", "urgent", "asap", "stat"};
        constexpr std::string_view genders[] = {"male", "female", "other", "unknown"};
        if (resource_.type() == "Task") {
            check_code("status", task_states());
            check_code("priority", priorities);
        } else if (resource_.type() == "Patient") {
            check_code("gender", genders);
        }
    }

    void check_code(std::string_view member, std::span<const std::string_view> known) {
        const Slice value(resource_.member(member).value_or(""));
        if (!value.exists() || value.kind() == Slice::Kind::Null) return;
        if (value.kind() != Slice::Kind::String) return flaw("unknown-code", std::string(member) + " is not a code");
        const std::string code = value.string();
        if (std::find(known.begin(), known.end(), code) == known.end() && !code.empty())
            flaw("unknown-code", std::string(member) + " \"" + cut(code) + "\" is no code that FHIR has for it");
    }

    const Resource& resource_;
    std::vector<Problem> problems_;
};

} // namespace

std::vector<Problem> validate(const Resource& resource) { return Validator(resource).check(); }

std::string flaws_of(const Resource& resource) {
    std::string text;
    for (const Problem& problem : validate(resource))
        if (!problem.refused) text.append(text.empty() ? "" : "; ").append(problem.message);
    return text;
}

bool is_valid_id(std::string_view id) {
    if (id.empty() || id.size() > 64) return false;
    bool is_valid = true;
    for (const char c : id) is_valid &= id_characters[static_cast<unsigned char>(c)];
    return is_valid;
}

bool is_usable_id(std::string_view id) {
    constexpr std::string_view reserved = "/\\?#%\"<>`";
    if (id.empty() || id.size() > longest_usable_id || id == "." || id == "..") return false;
    if (is_valid_id(id)) return true;
    while (!id.empty()) {
        const Character character = first_character(id);
        const std::uint32_t c = character.code_point;
        const bool is_space = c <= ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200F) ||
                              c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
        if (!character.valid || is_space || is_harmful(c)) return false;
        if (c < 0x80 && reserved.find(static_cast<char>(c)) != std::string_view::npos) return false;
        id.remove_prefix(character.size);
    }
    return true;
}

bool is_valid_type(std::string_view type) {
    if (type.size() < 2 || type[0] < 'A' || type[0] > 'Z') return false;
    for (const char c : type)
        if (!is_letter(c)) return false;
    return true;
}

} // namespace fhirscope::fhir
