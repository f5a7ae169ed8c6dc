// Which members of an object belong together, so that nobody merges half of one side's with half of the other's.

#include "fhir/choice.hpp"
#include "fhir/merger.hpp"

#include <algorithm>
#include <map>

namespace fhirscope::fhir {
namespace {

using namespace std::string_view_literals;

template <std::size_t n>
bool is_among(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::find(names, name) != names.end();
}

bool is_container(Slice value) { return value.kind() == Slice::Kind::Object || value.kind() == Slice::Kind::Array; }

class Grouping {
public:
    Grouping(const std::string& path, std::span<const MergeMember> members) : path_(path), is_resource_(path.empty()) {
        for (const MergeMember& member : members) {
            if (member.name == "resourceType") is_resource_ = true; // a contained one
            for (const Slice value : member.values.all()) {
                is_reference_ |= member.name == "reference" && value.kind() == Slice::Kind::String;
                is_reference_ |= member.name == "identifier" && value.kind() == Slice::Kind::Object; // else an array
            }
        }
    }

    std::string group_of(const MergeMember& member) const {
        const bool is_companion = fhir::is_companion(member.name);
        const std::string_view name = std::string_view(member.name).substr(is_companion ? 1 : 0);
        const Choice choice = split_choice(name);
        if (name == "status" || name == "statusReason" || choice.element == "statusReason")
            return child_path(path_, "status");
        // What is repeated is no choice: Procedure.usedCode beside usedReference.
        if (!choice.element.empty() && !is_any(member, Slice::Kind::Array)) return child_path(path_, choice.element);
        if (name == "start" || name == "end") return is_resource_ ? child_path(path_, "start") : path_;
        if (!is_resource_ && is_reference_ && is_among(name, reference_members)) return path_;
        // Also Identifier and ContactPoint. A CodeableConcept of the name `code` is no part of such an element.
        if (!is_resource_ && is_among(name, coded_members) &&
            (is_companion || std::ranges::none_of(member.values.all(), is_container)))
            return path_;
        return child_path(path_, name);
    }

private:
    static constexpr std::array reference_members{"reference"sv, "display"sv, "type"sv, "identifier"sv};
    static constexpr std::array coded_members{"value"sv,      "unit"sv,    "system"sv, "code"sv,
                                              "comparator"sv, "display"sv, "version"sv};

    static bool is_any(const MergeMember& member, Slice::Kind kind) {
        return std::ranges::any_of(
            member.values.all(), [&](Slice value) { return value.kind() == kind; });
    }

    const std::string& path_;
    bool is_resource_;
    bool is_reference_ = false;
};

} // namespace

std::vector<std::string> groups_of(const std::string& path, std::span<const MergeMember> members) {
    const Grouping grouping(path, members);
    std::vector<std::string> groups;
    std::map<std::string, int> sizes;
    for (const MergeMember& member : members) ++sizes[groups.emplace_back(grouping.group_of(member))];
    for (std::string& group : groups)
        if (sizes[group] == 1) group.clear();
    return groups;
}

} // namespace fhirscope::fhir
