#include "fhir/bundle.hpp"

#include "fhir/json.hpp"
#include "fhir/scanner.hpp"

#include <charconv>

namespace fhirscope::fhir {
namespace {

// A page holds up to a thousand resources, so the limit for one would refuse honest pages.
constexpr std::size_t page_factor = 16;

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
    if (scanned.resource != ScannedEntry::none)
        entry.resource = ResourceScanner::make(text, scan, scan.resources[static_cast<std::size_t>(scanned.resource)]);
    return entry;
}

} // namespace

Result<BundlePage> parse_bundle(std::string_view text, const Limits& limits) {
    if (!looks_like_json(text))
        return fail("not-a-bundle", text.empty() ? "the answer is empty instead of a Bundle"
                                                 : "the answer is not JSON: it begins " + first_characters(text));
    Limits page_limits = limits;
    page_limits.max_bytes *= page_factor;
    const Result<const Scan*> scanned = scan(text, ScanAs::Bundle, page_limits);
    if (!scanned) return tl::unexpected<Error>(scanned.error());
    const Scan& found = **scanned;
    if (found.resource_type != "Bundle")
        return fail("not-a-bundle",
                    "the answer is " +
                        (found.resource_type.empty() ? "JSON without resourceType: it begins " + first_characters(text)
                                                     : "a resource of type " + std::string(found.resource_type)) +
                        " instead of a Bundle");
    if (has(found.envelope, Irregularity::DuplicateKey))
        return fail("malformed", "the Bundle has the same property twice in one object");

    BundlePage page;
    page.type = found.type;
    page.next = found.next;
    if (std::uint64_t total = 0;
        !found.total.empty() &&
        std::from_chars(found.total.data(), found.total.data() + found.total.size(), total).ec == std::errc{})
        page.total = total;
    page.entries.reserve(found.entries.size());
    for (const ScannedEntry& entry : found.entries) {
        if (entry.has_resource_member && entry.resource == ScannedEntry::none)
            return fail("malformed",
                        "entry[" + std::to_string(page.entries.size()) + "].resource of the Bundle is not an object");
        page.entries.push_back(make_entry(text, found, entry));
    }
    return page;
}

} // namespace fhirscope::fhir
