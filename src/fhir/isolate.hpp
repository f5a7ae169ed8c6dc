#pragma once
// One element of a Bundle that cannot be read takes nothing else down: it is named, and the rest is read without it.

#include "fhir/resource.hpp"
#include "fhir/scanner.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// Scans a Bundle. Where an entry cannot be read (a bad escape, half of a surrogate pair, bytes that are not UTF-8, too
// deep, too many members), it is named in `unreadable`, and `rest` becomes the text without it, which the scan's
// positions then refer to; otherwise `rest` stays empty. Entries and resources that are no objects are named as well.
// Errors: as those of scan(), where the fault is not in an entry.
Result<const Scan*> scan_bundle(std::string_view text, const Limits& limits, std::string& rest,
                                std::vector<Unreadable>& unreadable);

} // namespace fhirscope::fhir
