#include "simulation/history.hpp"

#include "fhir/json.hpp"

#include <utility>

namespace fhirscope::simulation {

std::string precondition_of(const engine::SendRequest& request) {
    if (request.method == "PUT") {
        const auto begin = request.if_match.find('"');
        const auto end = begin == std::string::npos ? begin : request.if_match.find('"', begin + 1);
        return end == std::string::npos ? "" : request.if_match.substr(begin + 1, end - begin - 1);
    }
    const auto patch = fhir::parse_json(request.body ? *request.body : "");
    if (!patch || !patch->IsArray()) return "";
    for (const auto& operation : patch->GetArray())
        if (fhir::string_at(operation, "op") == "test" && fhir::string_at(operation, "path") == "/meta/versionId")
            return std::string(fhir::string_at(operation, "value"));
    return "";
}

History::History(const server::World& server) {
    for (const auto& type : server.store.types())
        for (const auto& version : server.store.all(type)) {
            Commit first;
            first.version_id = version->version_id;
            first.content = version->resource;
            first.at = VirtualTime(-1);
            resources_[version->reference()].push_back(std::move(first));
        }
}

const History::Commit& History::add(const server::Commit& commit, VirtualTime now, int client,
                                    const engine::SendRequest* request, LocalTime client_time) {
    Commit made;
    made.version_id = commit.current->version_id;
    made.content = commit.current->resource;
    made.at = now;
    if (request) {
        made.client = client;
        made.request = request->request;
        made.method = request->method;
        made.precondition = precondition_of(*request);
        made.client_time = client_time;
    }
    auto& commits = resources_[commit.current->reference()];
    commits.push_back(std::move(made));
    return commits.back();
}

void History::on_answer_lost(int client, const engine::SendRequest& request, const std::string& reference) {
    lost_.insert({client, reference});
    const auto found = resources_.find(reference);
    if (found == resources_.end()) return;
    for (Commit& commit : found->second)
        if (commit.client == client && commit.request == request.request) commit.answer_lost = true;
}

const History::Commits* History::of(const std::string& reference) const {
    const auto found = resources_.find(reference);
    return found == resources_.end() ? nullptr : &found->second;
}

std::optional<std::size_t> History::position(const std::string& reference, std::string_view version_id) const {
    if (const Commits* commits = of(reference))
        for (std::size_t i = commits->size(); i > 0; --i)
            if ((*commits)[i - 1].version_id == version_id) return i - 1;
    return std::nullopt;
}

} // namespace fhirscope::simulation
