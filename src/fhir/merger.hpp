#pragma once
// The parts of merge(), which share one walk over three versions. For merge*.cpp only.

#include "fhir/identity.hpp"
#include "fhir/merge.hpp"
#include "fhir/slice.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// One element in the three versions; each may be missing.
struct Versions {
    Slice base, local, server;
    bool is_signed_url = false; // of an attachment: compared by its stem

    std::array<Slice, 3> all() const { return {base, local, server}; }
    Slice of(Side side) const { return side == Side::Base ? base : side == Side::Local ? local : server; }
    std::size_t count() const;            // how many exist
    bool are_all(Slice::Kind kind) const; // those that exist
    bool are_all_empty() const;           // {} or [], those that exist
    bool is_same(Side one, Side other) const;
    std::string content(Side side) const; // equal where the values are the same
};

struct Verdict {
    bool differs = false;
    bool overlaps = false;
    Side side = Side::Server; // whose value it takes without a decision
};
Verdict judge(const Versions& versions);

// A member of an object in any of the versions.
struct MergeMember {
    std::string name;
    Versions values;
};
// Each name once: the server's in their order, then what only the local version has, then what only the base has.
std::vector<MergeMember> members_of(const Versions& object);

// `_birthDate` belongs to `birthDate` (PROTOCOL E4).
bool is_companion(std::string_view name);
std::string child_path(const std::string& path, std::string_view name);
// As diff() writes it: a companion has its element's name, unless it is an array, whose rows would be mistaken for the
// element's.
std::string member_path(const std::string& path, const MergeMember& member);

// For each member the path that names its group, "" for one that stands alone. `path` is the object's, "" for the
// resource.
std::vector<std::string> groups_of(const std::string& path, std::span<const MergeMember> members);

using Elements = std::array<std::vector<Slice>, 3>; // of an array, by Side

// The server's elements, then those of the local version that neither of the other two has; as texts.
std::vector<std::string> union_of(std::span<const Slice> base, std::span<const Slice> local,
                                  std::span<const Slice> server);
// The same of whole arrays, as one text.
std::string union_of(const Versions& array);
// Whether that union would have no element twice, as each side changed it.
bool can_unite(const Versions& array);

class Merger {
public:
    explicit Merger(const Decide& decide) : decide_(decide) {}

    std::string merge_resource(const Versions& resource);
    std::vector<MergeField> take_fields() { return std::move(fields_); }

private:
    // Each returns the merged text, "" where nothing remains, and adds the rows.
    std::string merge(const std::string& path, const Versions& versions);
    std::string merge_unit(const std::string& path, const Versions& versions);
    std::string merge_members(const std::string& path, const Versions& object, std::span<const MergeMember> members);
    std::string merge_meta(const Versions& meta);
    void merge_group(const std::string& path, const std::string& group, std::span<const MergeMember> members,
                     std::span<const std::size_t> places, std::vector<std::string>& texts);
    std::string merge_array(const std::string& path, const Versions& array);
    // The elements' texts; nullopt: the array is one unit.
    std::optional<std::vector<std::string>> merge_sequence(const std::string& path, const Elements& elements);

    // A row for each leaf that differs.
    static void list_leaves(const std::string& path, const Versions& versions, std::vector<MergeField>& rows);
    static void list_member(const std::string& path, const MergeMember& member, std::vector<MergeField>& rows);
    // Asks once, with the first row, and keeps the rows. nullopt: their own choices stand.
    // Both is an answer only where both can be kept.
    std::optional<Side> settle(std::span<MergeField> rows, bool overlaps, bool both_fit = false);

    friend class SequenceMerge;
    const Decide& decide_;
    std::vector<MergeField> fields_;
};

} // namespace fhirscope::fhir
