#pragma once
// Everything behind the sockets of one server: its memory, its rules and the clinic in it. No socket, no thread.

#include "server/clinic.hpp"
#include "server/fhir_api.hpp"
#include "server/project.hpp"
#include "server/server.hpp"
#include "server/store.hpp"
#include "server/subscriptions.hpp"
#include "server/tokens.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

// ServerOptions::max_subscriptions, or what the behaviour has.
std::size_t max_subscriptions_of(const ServerOptions& options);

class World {
public:
    // Fills the clinic as of clock().
    World(const ServerOptions& options, const std::string& base_url, const std::string& websocket_url, Clock clock);

    Project project;
    Store store;
    Tokens tokens;
    SubscriptionHub hub;
    FhirApi api;
    Clinic clinic;
    const Clock clock;

    std::vector<CurrentVersion> current(std::string_view type) const;

    // What another user of the server does; see EmbeddedServer.
    Result<std::string> put(std::string_view resource);
    Result<std::string> set_member(std::string_view reference, std::string_view member, std::string_view json);
    Result<std::string> tie(std::string_view reference, std::string_view member, std::string_view json);
    Result<std::string> get(std::string_view reference) const;
    Result<void> remove(std::string_view reference);
    std::vector<std::string> history(std::string_view reference) const;

private:
    World(const ServerOptions& options, const std::string& base_url, const std::string& websocket_url, Clock clock,
          Random random);
    VersionPtr find(std::string_view reference) const;
    Result<rapidjson::Document> with_member(std::string_view reference, std::string_view member,
                                            std::string_view json) const;
};

} // namespace fhirscope::server
