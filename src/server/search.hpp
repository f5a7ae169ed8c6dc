#pragma once
// Searches over the store (PROTOCOL A5).

#include "server/http.hpp"
#include "server/outcome.hpp"
#include "server/store.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

// What the caller may see; empty: everything.
using Filter = std::function<bool(const Version&)>;

struct SearchRequest {
    std::vector<std::string> types; // one, or several for `_type=`
    Parameters parameters;          // without `_type`
    bool extended = false;          // `X-Medplum: extended`
    Filter filter{};
};

// The searchset, or the OperationOutcome of what is wrong.
OutcomeReply search(const Store& store, std::string_view base_url, const SearchRequest& request);

// What a conditional interaction finds. Errors: Criteria, worded as Medplum does.
Result<std::vector<VersionPtr>> find_matches(const Store& store, const std::string& type, const Parameters& parameters,
                                             const Filter& filter = {});

// A resource as REST gives it.
std::string rest_text(const Version& version, bool extended);

} // namespace fhirscope::server
