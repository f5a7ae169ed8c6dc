#pragma once
// Which fields differ between two versions of one resource.

#include "fhir/resource.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

enum class ChangeKind : std::uint8_t { Added, Removed, Changed };

struct FieldChange {
    std::string path; // "status", "name[0].given[1]", "telecom[system=phone,use=home].value"
    ChangeKind kind = ChangeKind::Changed;
    std::string before; // JSON text; "" when added
    std::string after;  // JSON text; "" when removed
    template <class A>
    void archive(A& a) {
        a(path, kind, before, after);
    }
};

// Arrays are matched by identity (id; identifier system+value; coding system+code; telecom system+use; name and address
// use; extension url; reference) before position; order alone is a change only for arrays without identity. `x` and
// `_x` are one element, whose path has no underscore ("birthDate.extension[url=…]"). The order of members and the way a
// string is escaped are no change. Ignored, as PROTOCOL A3 says: meta other than versionId, lastUpdated, tag, security,
// profile; the query part of Attachment.url. Numbers are compared by value (1.0 equals 1.00). Members whose text is
// equal are not parsed.
std::vector<FieldChange> diff(const Resource& before, const Resource& after);
// The same and what that leaves out, save the query part of Attachment.url, which a server signs anew each time: the
// digits of a number, the order of elements, all of meta.
std::vector<FieldChange> exact_diff(const Resource& before, const Resource& after);

// Only the names of the top-level members that differ, by their hashes: cheap, for every update. `meta` is left out
// (each version changes it); `_x` counts as `x`. Bytes decide here, so a member can be named in which diff() finds
// nothing (an attachment signed anew). The views point into the two resources.
std::vector<std::string_view> changed_members(const Resource& before, const Resource& after);

} // namespace fhirscope::fhir
