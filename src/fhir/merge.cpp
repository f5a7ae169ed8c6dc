#include "fhir/merge.hpp"

#include "fhir/content.hpp"
#include "fhir/json_node.hpp"
#include "fhir/merger.hpp"
#include "fhir/number.hpp"

#include <algorithm>
#include <unordered_map>

namespace fhirscope::fhir {
namespace {

// The server's, whatever the other two say.
Versions server_only(const Versions& versions) { return {versions.server, versions.server, versions.server}; }

bool is_same_number_differently(Slice a, Slice b) {
    return a.kind() == Slice::Kind::Number && b.kind() == Slice::Kind::Number && is_same_number(a.text(), b.text());
}

bool is_empty_container(Slice value) {
    const std::string_view text = value.text();
    return (value.kind() == Slice::Kind::Object || value.kind() == Slice::Kind::Array) &&
           skip_space(text, 1) + 1 == text.size();
}

// Inside, there is something to tell apart: both sides have it, or all that there is stands below one member. Else it
// was added or removed as one thing.
bool is_merged_inside(const Versions& object) {
    if (!object.are_all(Slice::Kind::Object)) return false;
    if (object.local.exists() && object.server.exists()) return !object.are_all_empty();
    return members_of(object).size() == 1;
}

// A missing array is an empty one, so that the last element is removed like any other; but what one side alone added
// or removed is one thing.
bool is_merged_by_element(const Versions& array) {
    if (!array.are_all(Slice::Kind::Array) || array.count() < 2) return false;
    if (!array.local.exists()) return !array.is_same(Side::Base, Side::Server);
    if (!array.server.exists()) return !array.is_same(Side::Base, Side::Local);
    return true;
}

MergeField row_of(const std::string& path, const Versions& versions, Side choice) {
    MergeField row;
    row.path = path;
    row.base = versions.base.text();
    row.local = versions.local.text();
    row.server = versions.server.text();
    row.choice = choice;
    return row;
}

bool is_companion_object(const MergeMember& member) {
    return is_companion(member.name) && member.values.are_all(Slice::Kind::Object) && !member.values.are_all_empty();
}

} // namespace

std::size_t Versions::count() const {
    return static_cast<std::size_t>(base.exists()) + static_cast<std::size_t>(local.exists()) +
           static_cast<std::size_t>(server.exists());
}

bool Versions::are_all(Slice::Kind kind) const {
    return std::ranges::all_of(
        all(), [&](Slice value) { return !value.exists() || value.kind() == kind; });
}

bool Versions::is_same(Side one, Side other) const {
    return of(one).text() == of(other).text() || content(one) == content(other);
}

bool Versions::are_all_empty() const {
    return std::ranges::all_of(
        all(), [](Slice value) { return !value.exists() || is_empty_container(value); });
}

std::string Versions::content(Side side) const {
    const Slice value = of(side);
    if (is_signed_url && value.kind() == Slice::Kind::String) return std::string(address_stem(value.raw_string()));
    return content_of(value);
}

Verdict judge(const Versions& versions) {
    if (versions.local.text() == versions.base.text() && versions.server.text() == versions.base.text()) return {};
    const std::string base_content = versions.content(Side::Base);
    const std::string local_content = versions.content(Side::Local);
    const std::string server_content = versions.content(Side::Server);
    const bool local_changed = base_content != local_content;
    if (local_content == server_content) return {local_changed, false, Side::Server};
    if (!local_changed) return {true, false, Side::Server};
    if (base_content == server_content) return {true, false, Side::Local};
    const std::string_view local = versions.local.text();
    const std::string_view server = versions.server.text();
    // Both mean the same number: the one with more digits says how precise it is.
    if (is_same_number_differently(versions.local, versions.server)) {
        const bool is_local = local.size() != server.size() ? local.size() > server.size() : local < server;
        return {true, false, is_local ? Side::Local : Side::Server};
    }
    return {true, true, Side::Server};
}

std::vector<MergeMember> members_of(const Versions& object) {
    std::vector<MergeMember> members;
    std::unordered_map<std::string, std::size_t> places;
    const auto existing = object.all();
    const bool has_signed_url = std::ranges::all_of(
        existing, [](Slice version) { return !version.exists() || is_attachment(version); });
    const auto add = [&](Slice version, Slice Versions::*side) {
        version.each_member([&](std::string_view raw_name, Slice value) {
            std::string name = unescape(raw_name);
            const auto [place, is_new] = places.try_emplace(name, members.size());
            if (is_new) {
                const bool is_signed_url = has_signed_url && name == "url";
                members.push_back({std::move(name), Versions{{}, {}, {}, is_signed_url}});
            }
            Slice& slot = members[place->second].values.*side;
            if (!slot.exists()) slot = value; // of several with one name the first
        });
    };
    add(object.server, &Versions::server);
    add(object.local, &Versions::local);
    add(object.base, &Versions::base);
    return members;
}

bool is_companion(std::string_view name) { return name.starts_with('_'); }

std::string child_path(const std::string& path, std::string_view name) {
    std::string child = path;
    if (!child.empty()) child += '.';
    return child += name;
}

std::string member_path(const std::string& path, const MergeMember& member) {
    return child_path(path, std::string_view(member.name).substr(is_companion_object(member) ? 1 : 0));
}

std::optional<Side> Merger::settle(std::span<MergeField> rows, bool overlaps, bool both_fit) {
    for (MergeField& row : rows) {
        row.overlap = overlaps;
        row.decided = !overlaps;
    }
    std::optional<Side> decision = decide_ ? decide_(rows.front()) : std::nullopt;
    if (decision == Side::Both && !both_fit) decision.reset();
    for (MergeField& row : rows) {
        if (decision) {
            if (*decision != Side::Both || rows.size() == 1) row.choice = *decision; // else each row has its own
            row.decided = true;
        }
        fields_.push_back(std::move(row));
    }
    return decision;
}

void Merger::list_leaves(const std::string& path, const Versions& versions, std::vector<MergeField>& rows) {
    const Verdict verdict = judge(versions);
    if (!verdict.differs) return;
    if (is_merged_inside(versions)) {
        for (const MergeMember& member : members_of(versions)) list_member(path, member, rows);
        return;
    }
    rows.push_back(row_of(path, versions, verdict.side));
}

void Merger::list_member(const std::string& path, const MergeMember& member, std::vector<MergeField>& rows) {
    const std::string own_path = member_path(path, member);
    if (is_companion_object(member))
        for (const MergeMember& part : members_of(member.values)) list_member(own_path, part, rows);
    else
        list_leaves(own_path, member.values, rows);
}

std::string Merger::merge_unit(const std::string& path, const Versions& versions) {
    const Verdict verdict = judge(versions);
    if (!verdict.differs) return std::string(versions.server.text());
    std::array<MergeField, 1> row{row_of(path, versions, verdict.side)};
    const bool both_fit = verdict.overlaps && versions.local.kind() == Slice::Kind::Array &&
                          versions.server.kind() == Slice::Kind::Array && can_unite(versions);
    const Side side = settle(row, verdict.overlaps, both_fit).value_or(verdict.side);
    return side == Side::Both ? union_of(versions) : std::string(versions.of(side).text());
}

std::string Merger::merge(const std::string& path, const Versions& versions) {
    if (!judge(versions).differs) return std::string(versions.server.text());
    if (is_merged_inside(versions)) return merge_members(path, versions, members_of(versions));
    if (is_merged_by_element(versions)) return merge_array(path, versions);
    return merge_unit(path, versions);
}

std::string Merger::merge_members(const std::string& path, const Versions& object,
                                  std::span<const MergeMember> members) {
    const std::vector<std::string> groups = groups_of(path, members);
    std::vector<std::string> texts(members.size());
    std::unordered_map<std::string, std::vector<std::size_t>> places;
    for (std::size_t i = 0; i < members.size(); ++i)
        if (!groups[i].empty()) places[groups[i]].push_back(i);
    for (std::size_t i = 0; i < members.size(); ++i) {
        const MergeMember& member = members[i];
        if (!groups[i].empty()) {
            if (const auto& in_group = places[groups[i]]; in_group.front() == i)
                merge_group(path, groups[i], members, in_group, texts);
        } else if (path.empty() && member.name == "meta") {
            texts[i] = merge_meta(member.values);
        } else {
            texts[i] = merge(member_path(path, member), member.values);
        }
    }

    // What the server has stays as it wrote it, to the byte.
    JsonNode merged(object.server.text());
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (texts[i] == members[i].values.server.text()) continue;
        if (texts[i].empty())
            merged.remove_members(members[i].name);
        else
            merged.member(members[i].name).set(texts[i]);
    }
    if (std::ranges::any_of(texts, [](const std::string& text) { return !text.empty(); })) return merged.text();
    // FHIR has no empty objects, so one that lost all its members goes, unless a side wrote it so.
    return is_empty_container(object.local) || is_empty_container(object.server) ? "{}" : "";
}

void Merger::merge_group(const std::string& path, const std::string& group, std::span<const MergeMember> members,
                         std::span<const std::size_t> places, std::vector<std::string>& texts) {
    bool local_changed = false;
    bool server_changed = false;
    bool is_other_value = false;
    for (const std::size_t place : places) {
        const Versions& values = members[place].values;
        local_changed |= !values.is_same(Side::Base, Side::Local);
        server_changed |= !values.is_same(Side::Base, Side::Server);
        is_other_value |=
            !values.is_same(Side::Local, Side::Server) && !is_same_number_differently(values.local, values.server);
    }
    std::vector<MergeField> rows;
    for (const std::size_t place : places) list_member(path, members[place], rows);
    for (MergeField& row : rows) row.group = group;
    if (rows.empty()) { // nothing differs, or only white space, or the signature of an address
        for (const std::size_t place : places) texts[place] = members[place].values.server.text();
        return;
    }
    const bool is_one_sided = !local_changed || !server_changed;
    const bool overlaps = !is_one_sided && is_other_value;
    const Side side = local_changed && !server_changed ? Side::Local : Side::Server;
    // Each side's own changes, where no member was changed by both.
    const bool both_fit = overlaps && std::ranges::none_of(places, [&](std::size_t place) {
                              return judge(members[place].values).overlaps;
                          });
    std::vector<Side> own_sides;
    for (MergeField& row : rows) {
        own_sides.push_back(row.choice);
        if (is_one_sided || overlaps) row.choice = side;
    }
    const std::size_t first_row = fields_.size();
    std::optional<Side> decision = settle(rows, overlaps, both_fit);
    const bool both = decision == Side::Both;
    for (std::size_t i = 0; both && i < own_sides.size(); ++i) fields_[first_row + i].choice = own_sides[i];
    if (both) decision.reset();
    for (const std::size_t place : places) {
        const Versions& values = members[place].values;
        // Where both made the same edit, but for the digits of a number, each member has the better of its two texts.
        const Side own = (is_one_sided || overlaps) && !both ? side : judge(values).side;
        texts[place] = values.of(decision.value_or(own)).text();
    }
}

// Only labels are merged; what else is there is the server's business (PROTOCOL A3).
std::string Merger::merge_meta(const Versions& meta) {
    static constexpr std::array<std::string_view, 4> merged{"profile", "_profile", "security", "tag"};
    if (!meta.are_all(Slice::Kind::Object)) return std::string(meta.server.text());
    std::vector<MergeMember> members = members_of(meta);
    for (MergeMember& member : members)
        if (std::ranges::find(merged, member.name) == merged.end()) member.values = server_only(member.values);
    return merge_members("meta", meta, members);
}

std::string Merger::merge_resource(const Versions& resource) {
    std::vector<MergeMember> members = members_of(resource);
    for (MergeMember& member : members)
        if (member.name == "id" || member.name == "resourceType") member.values = server_only(member.values);
    std::string text = merge_members("", resource, members);
    return text.empty() ? "{}" : text;
}

bool Merge::open() const {
    return std::ranges::any_of(
        fields, [](const MergeField& field) { return field.overlap && !field.decided; });
}

Merge merge(const Resource& base, const Resource& local, const Resource& server, const Decide& decide) {
    Merger merger(decide);
    Merge result;
    result.text = merger.merge_resource({value_in(base.text()), value_in(local.text()), value_in(server.text())});
    result.fields = merger.take_fields();
    return result;
}

} // namespace fhirscope::fhir
