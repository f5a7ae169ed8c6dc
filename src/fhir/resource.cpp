#include "fhir/resource.hpp"

#include "fhir/json_writer.hpp"
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
           heap_bytes(irregular_at_) + heap_bytes(aside_) + fields_.size() * sizeof(Field);
}

Headers stand_ins(const Resource& resource) {
    Headers headers;
    if (resource.version_is_etag()) headers.etag = '"' + std::string(resource.version_id()) + '"';
    if (resource.time_is_header()) headers.last_modified = resource.last_updated_text();
    return headers;
}

Result<ResourcePtr> parse_resource(std::string_view text, const Limits& limits, const Headers& headers) {
    const Result<const Scan*> scanned = scan(text, ScanAs::Resource, limits);
    if (!scanned) return tl::unexpected<Error>(scanned.error());
    if ((*scanned)->resources.empty())
        return fail(ErrorCode::Malformed, "a resource must be a JSON object", text.find_first_not_of(" \t\r\n"));
    return ResourceScanner::make(text, **scanned, (*scanned)->resources.front(), headers);
}

ResourcePtr key_of(const Resource& resource) {
    JsonWriter json;
    json.object().member("resourceType", resource.type()).member("id", resource.id()).object("meta");
    if (!resource.version_id().empty() && !resource.version_is_etag()) json.member("versionId", resource.version_id());
    if (!resource.last_updated_text().empty() && !resource.time_is_header())
        json.member("lastUpdated", resource.last_updated_text());
    json.raw("tag", R"([{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}])");
    json.end().end();
    return parse_resource(json.take(), {}, stand_ins(resource)).value();
}

} // namespace fhirscope::fhir
