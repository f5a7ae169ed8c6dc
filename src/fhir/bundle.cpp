#include "fhir/bundle.hpp"

#include "fhir/isolate.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"
#include "fhir/scanner.hpp"
#include "fhir/slice.hpp"

#include <charconv>

namespace fhirscope::fhir {
namespace {

// Enough of a foreign answer to recognise it ("<!DOCTYPE html>…"), on one line.
std::string first_characters(std::string_view text) {
    std::string quoted;
    for (const char c : text.substr(0, 60))
        quoted.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : static_cast<unsigned char>(c) < 0x7F ? c : '?');
    return '"' + quoted + (text.size() > 60 ? "…\"" : "\"");
}

bool looks_like_json(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
}

BundleEntry make_entry(std::string_view text, const Scan& scan, const ScannedEntry& scanned) {
    BundleEntry entry;
    entry.full_url = scanned.full_url;
    entry.search_mode = scanned.search_mode;
    entry.status = scanned.response_status;
    entry.method = scanned.method;
    entry.url = scanned.url;
    if (scanned.resource != ScannedEntry::none)
        entry.resource = ResourceScanner::make(text, scan, scan.resources[static_cast<std::size_t>(scanned.resource)]);
    return entry;
}

} // namespace

Result<BundlePage> parse_bundle(std::string_view text, const Limits& limits) {
    if (!looks_like_json(text))
        return fail(ErrorCode::NotABundle, text.empty()
                                               ? "the answer is empty instead of a Bundle"
                                               : "the answer is not JSON: it begins " + first_characters(text));
    BundlePage page;
    std::string rest;
    const Result<const Scan*> scanned = scan_bundle(text, limits, rest, page.unreadable);
    if (!scanned) return tl::unexpected<Error>(scanned.error());
    const Scan& found = **scanned;
    if (!rest.empty()) text = rest;
    if (found.resource_type != "Bundle")
        return fail(ErrorCode::NotABundle,
                    "the answer is " +
                        (found.resource_type.empty() ? "JSON without resourceType: it begins " + first_characters(text)
                                                     : "a resource of type " + std::string(found.resource_type)) +
                        " instead of a Bundle");
    if (has(found.envelope, Irregularity::DuplicateKey))
        return fail(ErrorCode::Malformed, "the Bundle has the same property twice in one object");
    if (!found.entry_is_list) return fail(ErrorCode::Malformed, "entry of the Bundle is not a list");

    page.type = found.type;
    page.next = found.next;
    if (std::uint64_t total = 0;
        !found.total.empty() &&
        std::from_chars(found.total.data(), found.total.data() + found.total.size(), total).ec == std::errc{})
        page.total = total;
    page.entries.reserve(found.entries.size());
    for (const ScannedEntry& entry : found.entries) page.entries.push_back(make_entry(text, found, entry));
    return page;
}

std::string BundleEntry::reference() const {
    if (resource && !resource->type().empty() && !resource->id().empty()) return resource->reference();
    const std::string_view by_address = local_reference(full_url);
    return std::string(by_address.empty() ? local_reference(url) : by_address);
}

bool is_stub(const Resource& resource) {
    // {"resourceType":…,"id":…,"meta":{…,"deleted":true}}: what newer servers leave of a deleted resource.
    const Slice deleted = Slice(resource.member("meta").value_or("")).member("deleted");
    return deleted.exists() && deleted.text() != "false" && deleted.kind() != Slice::Kind::Null;
}

bool BundleEntry::is_deletion() const { return method == "DELETE" || (resource && is_stub(*resource)); }

} // namespace fhirscope::fhir
