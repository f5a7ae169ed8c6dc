#pragma once
// Search results, history and OperationOutcome.

#include "fhir/resource.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

struct BundleEntry {
    ResourcePtr resource; // null for a deletion in a history
    std::string full_url;
    std::string search_mode; // "match", "include", "outcome" or ""
    std::string status;      // entry.response.status
    std::string method;      // entry.request.method
    std::string url;         // entry.request.url
    // "Type/id" by the resource, else by fullUrl or the request; "" where nothing names it.
    std::string reference() const;
    // Its request deleted what it names, whether or not it brings the last content along; or a stub is left of it.
    bool is_deletion() const;
};

// What a server leaves of a resource that it deleted: meta says so.
bool is_stub(const Resource& resource);

struct BundlePage {
    std::string type; // "searchset", "history", …
    std::vector<BundleEntry> entries;
    std::vector<Unreadable> unreadable; // named, so that the page is never silently incomplete
    std::string next;                   // link[next].url, "" at the end
    std::string elsewhere; // of the engine: the next page, where it is at another server, and not asked for
    std::optional<std::uint64_t> total;
};

// Errors: Malformed, NotABundle (a 200 with HTML among them: the message quotes the first characters).
// An entry that cannot be read is left out and named; the page stands.
Result<BundlePage> parse_bundle(std::string_view text, const Limits& limits = answer_limits());

struct Outcome {
    std::string id;                                // "not-found", "gone", …: Medplum's, "" elsewhere
    std::string severity, code, text, diagnostics; // of the first issue
};

// nullopt when the text is not an OperationOutcome.
std::optional<Outcome> parse_outcome(std::string_view text);
std::string make_outcome(const Outcome& outcome);

} // namespace fhirscope::fhir
