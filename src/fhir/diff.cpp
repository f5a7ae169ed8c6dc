#include "fhir/diff.hpp"

#include "fhir/content.hpp"
#include "fhir/identity.hpp"
#include "fhir/number.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::fhir {
namespace {

constexpr std::array<std::string_view, 5> compared_meta{"versionId", "lastUpdated", "tag", "security", "profile"};

struct Member {
    std::string_view name; // raw
    Slice value;
};

std::vector<Member> members_of(Slice object) {
    std::vector<Member> members;
    object.each_member([&](std::string_view name, Slice value) { members.push_back({name, value}); });
    return members;
}

// Finds by name in lists that mostly have the same order: the search starts where the last one ended.
class MemberFinder {
public:
    explicit MemberFinder(const std::vector<Member>& members) : members_(members) {}

    const Member* find(std::string_view name) {
        for (std::size_t tried = 0; tried < members_.size(); ++tried) {
            const std::size_t at = (next_ + tried) % members_.size();
            if (members_[at].name == name) {
                next_ = at + 1;
                return &members_[at];
            }
        }
        return nullptr;
    }

private:
    const std::vector<Member>& members_;
    std::size_t next_ = 0;
};

std::string path_below(const std::string& path, std::string_view name) {
    std::string child = path;
    if (!child.empty()) child += '.';
    return child += name;
}

// `_birthDate` carries the id and the extensions of `birthDate`: in FHIR the two are one element, and in a path it is
// named as FHIRPath names it.
bool is_companion(std::string_view name) { return name.starts_with('_'); }
std::string_view element_name(std::string_view name) { return is_companion(name) ? name.substr(1) : name; }

// A companion is an object or an array of them; a server that sends something else should still see it in the diff.
bool is_misplaced_scalar(Slice companion) {
    const Slice::Kind kind = companion.kind();
    return kind == Slice::Kind::String || kind == Slice::Kind::Number || kind == Slice::Kind::Bool;
}

enum class Strictness : std::uint8_t { Meaning, Exact };

class Differ {
public:
    explicit Differ(Strictness strictness) : is_exact_(strictness == Strictness::Exact) {}
    std::vector<FieldChange> take() { return std::move(changes_); }

    void compare_resources(const Resource& before, const Resource& after) {
        for (const Field& field : before.fields()) {
            const std::string_view name = before.name_of(field);
            const Field* other = find_field(after, name);
            // Equal bytes need no look inside, and for most members the hashes say so.
            if (other != nullptr && other->hash == field.hash && other->value_size == field.value_size) continue;
            compare_top_level(name, Slice(before.value_of(field)),
                              other == nullptr ? Slice() : Slice(after.value_of(*other)));
        }
        for (const Field& field : after.fields())
            if (const std::string_view name = after.name_of(field); find_field(before, name) == nullptr)
                compare_top_level(name, Slice(), Slice(after.value_of(field)));
    }

private:
    static const Field* find_field(const Resource& resource, std::string_view name) {
        for (const Field& field : resource.fields())
            if (resource.name_of(field) == name) return &field;
        return nullptr;
    }

    void report(std::string path, ChangeKind kind, Slice before, Slice after) {
        changes_.push_back({std::move(path), kind, std::string(before.text()), std::string(after.text())});
    }

    void compare_top_level(std::string_view name, Slice before, Slice after) {
        if (name != "meta") return compare_whole("", name, before, after);
        if (is_exact_) return compare_all_of("meta", before, after);
        for (const std::string_view part : compared_meta)
            compare_optional(path_below("meta", part), before.member(part), after.member(part));
    }

    // Of each member of the two.
    void compare_all_of(const std::string& path, Slice before, Slice after) {
        for (const Member& member : members_of(before))
            compare_whole(path, member.name, member.value, after.member(unescape(member.name)));
        for (const Member& member : members_of(after))
            if (!before.member(unescape(member.name)).exists()) compare_whole(path, member.name, {}, member.value);
    }

    // A member in which only what has no place of its own differs, as the order of its elements, is reported itself.
    void compare_whole(const std::string& parent_path, std::string_view name, Slice before, Slice after) {
        const std::size_t known = changes_.size();
        compare_member(parent_path, name, before, after);
        if (!is_exact_ || changes_.size() != known || is_same_content(before, after, Addresses::ByStem)) return;
        report(path_below(parent_path, name), ChangeKind::Changed, before, after);
    }

    // Either side may be missing.
    void compare_member(const std::string& parent_path, std::string_view name, Slice before, Slice after) {
        const std::string path = path_below(parent_path, element_name(name));
        if (is_companion(name))
            compare_companions(path, before, after);
        else
            compare_optional(path, before, after);
    }

    void compare_optional(const std::string& path, Slice before, Slice after) {
        if (before.exists() && after.exists())
            compare(path, before, after);
        else if (before.exists())
            report(path, ChangeKind::Removed, before, after);
        else if (after.exists())
            report(path, ChangeKind::Added, before, after);
    }

    void compare(const std::string& path, Slice before, Slice after) {
        if (before.text() == after.text()) return;
        if (before.kind() == after.kind()) {
            switch (before.kind()) {
                case Slice::Kind::Object:
                    compare_objects(path, before, after);
                    return;
                case Slice::Kind::Array:
                    compare_arrays(path, elements_of(before), elements_of(after));
                    return;
                case Slice::Kind::Number:
                    if (!is_exact_ && is_same_number(before.text(), after.text())) return;
                    break;
                case Slice::Kind::String:
                    if (before.string() == after.string()) // written with other escapes
                        return;
                    break;
                default:
                    break;
            }
        }
        report(path, ChangeKind::Changed, before, after);
    }

    void compare_objects(const std::string& path, Slice before, Slice after) {
        const std::vector<Member> old_members = members_of(before);
        const std::vector<Member> new_members = members_of(after);
        const bool masks_url = is_attachment(before) && is_attachment(after);
        MemberFinder in_new(new_members);
        for (const Member& member : old_members) {
            const Member* other = in_new.find(member.name);
            if (masks_url && other != nullptr && member.name == "url" &&
                address_stem(member.value.raw_string()) == address_stem(other->value.raw_string()))
                continue;
            compare_member(path, member.name, member.value, other == nullptr ? Slice() : other->value);
        }
        MemberFinder in_old(old_members);
        for (const Member& member : new_members)
            if (in_old.find(member.name) == nullptr) compare_member(path, member.name, Slice(), member.value);
    }

    void compare_arrays(const std::string& path, const std::vector<Slice>& before, const std::vector<Slice>& after) {
        for (const ElementPair& pair : match_elements(before, after))
            compare_optional(path + '[' + pair.label + ']',
                             pair.before == ElementPair::none ? Slice() : before[pair.before],
                             pair.after == ElementPair::none ? Slice() : after[pair.after]);
    }

    // A missing companion and a null one mean the same as an empty object, and companions belong to their values by
    // position.
    void compare_companions(const std::string& path, Slice before, Slice after) {
        if (is_misplaced_scalar(before) || is_misplaced_scalar(after)) {
            compare_optional(path, before, after);
            return;
        }
        if (before.kind() != Slice::Kind::Array && after.kind() != Slice::Kind::Array) {
            compare_objects(path, before, after);
            return;
        }
        const std::vector<Slice> old_elements = elements_of(before);
        const std::vector<Slice> new_elements = elements_of(after);
        for (std::size_t i = 0; i < std::max(old_elements.size(), new_elements.size()); ++i)
            compare_objects(path + '[' + std::to_string(i) + ']', i < old_elements.size() ? old_elements[i] : Slice(),
                            i < new_elements.size() ? new_elements[i] : Slice());
    }

    const bool is_exact_;
    std::vector<FieldChange> changes_;
};

std::vector<FieldChange> changes_between(const Resource& before, const Resource& after, Strictness strictness) {
    Differ differ(strictness);
    differ.compare_resources(before, after);
    return differ.take();
}

} // namespace

std::vector<FieldChange> diff(const Resource& before, const Resource& after) {
    return changes_between(before, after, Strictness::Meaning);
}

std::vector<FieldChange> exact_diff(const Resource& before, const Resource& after) {
    return changes_between(before, after, Strictness::Exact);
}

std::vector<std::string_view> changed_members(const Resource& before, const Resource& after) {
    std::vector<std::string_view> names;
    names.reserve(8);
    const auto add = [&](std::string_view member) {
        const std::string_view name = element_name(member);
        if (name != "meta" && std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    // The same place first.
    const auto find = [](const Resource& resource, std::string_view name, std::size_t place) -> const Field* {
        const std::span<const Field> fields = resource.fields();
        if (place < fields.size() && resource.name_of(fields[place]) == name) return &fields[place];
        const auto found = std::ranges::find(fields, name, [&](const Field& field) { return resource.name_of(field); });
        return found == fields.end() ? nullptr : &*found;
    };
    // Two versions mostly have most of their members equal and in one order: those need no look at their texts.
    const auto is_same = [&](std::size_t i) {
        return i < before.fields().size() && i < after.fields().size() &&
               before.fields()[i].hash == after.fields()[i].hash &&
               before.fields()[i].value_size == after.fields()[i].value_size;
    };
    for (std::size_t i = 0; i < before.fields().size(); ++i) {
        if (is_same(i)) continue;
        const Field& field = before.fields()[i];
        const Field* other = find(after, before.name_of(field), i);
        if (other == nullptr || other->hash != field.hash || other->value_size != field.value_size)
            add(before.name_of(field));
    }
    for (std::size_t i = 0; i < after.fields().size(); ++i) {
        if (is_same(i)) continue;
        if (const std::string_view name = after.name_of(after.fields()[i]); find(before, name, i) == nullptr) add(name);
    }
    return names;
}

} // namespace fhirscope::fhir
