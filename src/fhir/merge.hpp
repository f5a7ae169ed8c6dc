#pragma once
// Three-way merge of one resource (PROTOCOL D2): what two sides made of one base.

#include "fhir/resource.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fhirscope::fhir {

// Both: of a group each side's own changes, of lists both sides' elements; where that cannot be, the overlap stays
// open.
enum class Side : std::uint8_t { Base, Local, Server, Both };

// One place in which the three differ. Values are JSON texts, "" where absent.
struct MergeField {
    std::string path; // as diff() writes it
    std::string base, local, server;
    std::string group;          // fields of one group are decided together ("restriction.period", "value"); "" for none
    bool overlap = false;       // both sides changed it, and not to the same value
    bool decided = true;        // false: an overlap for which nobody chose; the result has the server's value
    Side choice = Side::Server; // whose value the result has
    template <class A>
    void archive(A& a) {
        a(path, base, local, server, group, overlap, decided, choice);
    }
};

struct Merge {
    std::string text;               // the merged resource: the server's, with what is taken from the other two
    std::vector<MergeField> fields; // in the order of the resource; without id, resourceType and meta.versionId and
                                    // meta.lastUpdated, which are always the server's
    bool open() const;              // some overlap is not decided
};

// Asked once for every field, and once for a group (with its first field): nullopt leaves it as it is, which takes the
// side that changed and leaves an overlap open.
using Decide = std::function<std::optional<Side>(const MergeField&)>;

// merge(b, x, b) = x, merge(b, b, y) = y, merge(b, x, x) = x. Arrays are matched by identity (identity.hpp) where it is
// unique in all three, else as sequences; two insertions at one place of objects are both kept. Fields that belong
// together (value and unit, code and system, reference and display, start and end, status and statusReason, one choice
// element's types, `x` and `_x`) are one unit: two sides that changed different ones of a group overlap. Numbers keep
// their digits. No value is invented: each is one side's.
Merge merge(const Resource& base, const Resource& local, const Resource& server, const Decide& decide = {});

} // namespace fhirscope::fhir
