#include "fhir/resource.hpp"

#include "fhir/scanner.hpp"

namespace fhirscope::fhir {

std::optional<std::string_view> Resource::member(std::string_view name) const {
    for (const Field& field : fields_)
        if (name_of(field) == name) return value_of(field);
    return std::nullopt;
}

std::size_t Resource::memory_bytes() const {
    // By sizes, so that equal resources cost the same wherever they came from. Short strings live inside the object.
    // The shared pointer's counters are two words.
    const auto heap_bytes = [](const std::string& text) {
        return text.size() > std::string().capacity() ? text.size() + 1 : 0;
    };
    return sizeof(Resource) + 2 * sizeof(void*) + heap_bytes(text_) + heap_bytes(reference_) +
           heap_bytes(irregular_at_) + fields_.size() * sizeof(Field);
}

Result<ResourcePtr> parse_resource(std::string_view text, const Limits& limits) {
    const Result<const Scan*> scanned = scan(text, ScanAs::Resource, limits);
    if (!scanned) return tl::unexpected<Error>(scanned.error());
    if ((*scanned)->resources.empty())
        return fail("malformed", "a resource must be a JSON object", text.find_first_not_of(" \t\r\n"));
    return ResourceScanner::make(text, **scanned, (*scanned)->resources.front());
}

ResourcePtr key_of(const Resource& resource) {
    // The views keep their escapes, so they stand between quotes as they are.
    const auto member = [](std::string_view name, std::string_view value) {
        return '"' + std::string(name) + "\":\"" + std::string(value) + '"';
    };
    const std::string text =
        '{' + member("resourceType", resource.type()) + ',' + member("id", resource.id()) + ",\"meta\":{" +
        member("versionId", resource.version_id()) + ',' + member("lastUpdated", resource.last_updated_text()) +
        R"(,"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}})";
    return parse_resource(text).value();
}

} // namespace fhirscope::fhir
