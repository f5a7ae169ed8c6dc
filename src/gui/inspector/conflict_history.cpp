// The versions around a conflict, as the inspector's graph shows them.

#include "gui/base/format.hpp"
#include "gui/inspector/conflict.hpp"
#include "gui/model/conflicts/conflict_text.hpp"

#include <algorithm>

namespace fhirscope::gui {

using engine::Conflict;
using engine::Version;
using Kind = HistoryNode::Kind;

namespace {

std::string short_version(const fhir::ResourcePtr& resource) {
    return resource ? std::string(short_id(resource->version_id(), 6)) : "deleted";
}

std::string saved(const Version& version) {
    return version.last_updated ? std::string(clock_s(wall(*version.last_updated)).view()) : "?";
}

bool same_version(const Version& version, const fhir::ResourcePtr& resource) {
    return version.resource && resource && version.resource->version_id() == resource->version_id();
}

std::string names(std::span<const ConflictField> fields, bool ConflictField::*changed,
                  const std::vector<std::string>& otherwise) {
    std::vector<std::string> found;
    for (const ConflictField& field : fields) {
        std::string name = field.path.substr(0, field.path.find_first_of(".["));
        if (field.*changed && std::find(found.begin(), found.end(), name) == found.end())
            found.push_back(std::move(name));
    }
    std::string out;
    for (const std::string& name : found.empty() ? otherwise : found) out += (out.empty() ? "" : ", ") + name;
    return out;
}

HistoryNode base_node(const Conflict& conflict) {
    const auto time = conflict.base->last_updated();
    return {Kind::Base,
            short_version(conflict.base),
            time ? "base, " + std::string(clock_s(wall(*time)).view()) : "base",
            {}};
}

HistoryNode local_node(const Conflict& conflict, std::span<const ConflictField> fields) {
    HistoryNode node{Kind::Local, about_edit(conflict.kind) ? "local" : short_version(conflict.local), {}, {}};
    node.title = names(fields, &ConflictField::local_changed, conflict.members);
    if (conflict.edited_at != LocalTime{}) {
        node.detail = "you, " + std::string(clock_ms(wall(conflict.edited_at)).view());
        node.detail += conflict.open() ? ", held" : "";
    }
    return node;
}

HistoryNode server_node(const Conflict& conflict, std::span<const ConflictField> fields) {
    HistoryNode node{Kind::Server, short_version(conflict.server), {}, {}};
    node.title = names(fields, &ConflictField::server_changed, conflict.members);
    node.detail = conflict.author;
    if (const auto time = conflict.server ? conflict.server->last_updated() : std::nullopt)
        node.detail += (node.detail.empty() ? "" : ", ") + std::string(clock_ms(wall(*time)).view());
    node.detail += (node.detail.empty() ? "" : ", ") + std::string(engine::to_string(conflict.channel));
    return node;
}

} // namespace

std::vector<HistoryNode> history_of(const Conflict& conflict, std::span<const ConflictField> fields,
                                    const engine::Record* record) {
    std::vector<HistoryNode> nodes;
    const std::span<const engine::VersionPtr> history = record != nullptr
                                                            ? std::span<const engine::VersionPtr>(record->history)
                                                            : std::span<const engine::VersionPtr>();
    const fhir::ResourcePtr& from = conflict.base ? conflict.base : conflict.local;
    const auto place = [&](const fhir::ResourcePtr& resource) {
        return std::find_if(history.begin(), history.end(),
                            [&](const auto& version) { return same_version(*version, resource); });
    };
    // The version before the base says where it came from; of a whole history it is the first.
    if (const auto at = place(from); at != history.end() && at != history.begin()) {
        const Version& before = **(at - 1);
        const bool first = at - 1 == history.begin() && record->versions_seen == history.size();
        nodes.push_back(
            {Kind::Version, short_version(before.resource), (first ? "created, " : "saved, ") + saved(before), {}});
    }
    if (conflict.base) nodes.push_back(base_node(conflict));
    if (conflict.local) {
        nodes.push_back(local_node(conflict, fields));
        if (!about_edit(conflict.kind)) nodes.back().kind = Kind::Version; // a version of the server, not a branch
    }
    nodes.push_back(server_node(conflict, fields));
    if (conflict.open())
        nodes.push_back({Kind::Next, "next", "your choice becomes this version", {}});
    else if (!conflict.written.empty())
        nodes.push_back({Kind::Version, std::string(short_id(conflict.written, 6)), "the decision, written", {}});
    return nodes;
}

} // namespace fhirscope::gui
