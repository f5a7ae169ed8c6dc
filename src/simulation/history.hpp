#pragma once
// Every commit of the server with its content and the request that made it: the truth that edits are judged by.

#include "engine/effect.hpp"
#include "server/world.hpp"
#include "simulation/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

class History {
public:
    static constexpr int nobody = -1; // of the clients: the clinic, or what was there from the beginning

    struct Commit {
        std::string version_id;
        fhir::ResourcePtr content; // null: a deletion
        VirtualTime at{0};
        int client = nobody;
        engine::RequestId request = 0;
        std::string method,
            precondition;         // of a client's request: the version that it was made on; "" where it named none
        LocalTime client_time{};  // by the clock of the client that made it
        bool answer_lost = false; // that client does not know of it
        bool deleted() const { return content == nullptr; }
    };
    using Commits = std::vector<Commit>; // oldest first

    // Takes what the server holds at the beginning.
    explicit History(const server::World& server);

    // `request`: null where no client made it.
    const Commit& add(const server::Commit& commit, VirtualTime now, int client, const engine::SendRequest* request,
                      LocalTime client_time);
    void on_answer_lost(int client, const engine::SendRequest& request, const std::string& reference);

    const Commits* of(const std::string& reference) const;
    // Position among the commits of its resource.
    std::optional<std::size_t> position(const std::string& reference, std::string_view version_id) const;
    // This client wrote the resource, or tried to, and cannot know whether it was written.
    bool lost_an_answer(int client, const std::string& reference) const { return lost_.contains({client, reference}); }

private:
    std::map<std::string, Commits, std::less<>> resources_;
    std::set<std::pair<int, std::string>> lost_;
};

// The version that a write says it was made on: If-Match of a PUT, the first test of a JSON Patch. "" for none.
std::string precondition_of(const engine::SendRequest& request);

} // namespace fhirscope::simulation
