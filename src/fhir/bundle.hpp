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
};

struct BundlePage {
    std::string type; // "searchset", "history", …
    std::vector<BundleEntry> entries;
    std::string next; // link[next].url, "" at the end
    std::string elsewhere; // of the engine: the next page, where it is at another server, and not asked for
    std::optional<std::uint64_t> total;
};

// Errors: "malformed", "not-a-bundle" (a 200 with HTML among them: the message quotes the first characters).
// An entry whose resource cannot be read is an error of the whole page: a page is never silently incomplete.
Result<BundlePage> parse_bundle(std::string_view text, const Limits& limits = {});

struct Outcome {
    std::string id;                                // "not-found", "gone", …: Medplum's, "" elsewhere
    std::string severity, code, text, diagnostics; // of the first issue
};

// nullopt when the text is not an OperationOutcome.
std::optional<Outcome> parse_outcome(std::string_view text);
std::string make_outcome(const Outcome& outcome);

} // namespace fhirscope::fhir
