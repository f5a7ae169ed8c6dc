#pragma once
// Texts of answers and frames: JSON value by value, anything else as a whole.

#include "deidentify/replacer.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace fhirscope::deidentify {

class BodyRewriter {
public:
    explicit BodyRewriter(Replacer& replacer) : replacer_(replacer) {}

    // What is JSON stays JSON, with the members in their order and without space between them.
    std::string text(std::string_view text);
    // One value of JSON that stands in such a resource, at such a place.
    std::string value_of(std::string_view reference, std::string_view parent, std::string_view name,
                         std::string_view json);
    // "telecom[system=phone].value"
    std::string field_path(std::string_view reference, std::string_view path);

private:
    void value(Place place, fhir::Slice slice, std::string& out);
    void object(Place place, fhir::Slice slice, std::string& out);
    std::string broken(std::string_view text);
    std::string plain(std::string_view text);
    // The patient whom a resource is, or is of; "" for none.
    static std::string patient_of(std::string_view type, fhir::Slice resource);
    std::chrono::days shift_of(std::string_view type, fhir::Slice resource);
    std::chrono::days shift_at(std::string_view reference) const;

    // Of so many resources it is known whom they are of, for edits of single fields.
    static constexpr std::size_t most_known = 1'000'000;

    Replacer& replacer_;
    std::unordered_map<std::string, std::chrono::days> shifts_; // by reference
};

} // namespace fhirscope::deidentify
