#pragma once
// What the server really committed, and which of it the engine shows: the truth that the invariants are judged by.

#include "engine/store.hpp"
#include "server/world.hpp"
#include "simulation/network.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fhirscope::simulation {

class Ledger {
public:
    struct Commit {
        std::string version_id;
        ServerTime last_updated{};
        VirtualTime at{0};
        bool deleted = false;
        bool owed = false; // nobody was told of it: whoever connects later must find it
        // Stamped earlier than what was committed before it, because the server's clock had been set back: a search for
        // what is new may not find it, so only the reconciliation must.
        bool backdated = false;
    };
    struct Resource {
        std::vector<Commit> commits; // oldest first
        // What the engine shows: how many commits of it are at least accounted for (0: it is not known), and whether
        // the shown state is a deletion.
        std::size_t shown = 0;
        bool shown_deleted = false;

        bool gone() const { return commits.empty() || commits.back().deleted; }
        // The state after the first `count` commits, or a later one, is shown.
        bool shows_at_least(std::size_t count) const {
            if (shown >= count) return true;
            // Not shown, or shown as deleted, and deleted (once more) meanwhile: there is nothing to show.
            return (shown == 0 || shown_deleted) && count > 0 &&
                   std::any_of(commits.begin() + static_cast<std::ptrdiff_t>(count - 1), commits.end(),
                               [](const Commit& commit) { return commit.deleted; });
        }
        // How many commits were made before `time`.
        std::size_t before(VirtualTime time) const;
    };

    // Takes what the server holds at the beginning.
    explicit Ledger(const server::World& server);

    void on_commit(const server::Commit& commit, Fanout fanout, VirtualTime now);
    void on_lost_in_flight(const std::string& reference, const std::string& version_id);
    // A policy hides something from the clients now, or does no more: what was committed before the end, and nobody was
    // told of, only a comparison can find.
    void set_hidden(bool hidden);
    bool hidden() const { return hidden_; }
    // Takes a change of the store; what is wrong with it goes to `complain` as (invariant, text).
    void on_change(const engine::Change& change, const std::function<void(std::string_view, std::string)>& complain);

    const std::map<std::string, Resource>& resources() const { return resources_; }

private:
    static bool is_subscribed(std::string_view type) { return type == "Patient" || type == "Task" || type == "Basic"; }
    void add(const server::Version& version, Fanout fanout, VirtualTime now);

    std::map<std::string, Resource> resources_; // by reference
    ServerTime newest_{};
    bool hidden_ = false;
    std::unordered_map<std::string, std::size_t> number_; // versionId → its place in the commits of its resource
};

} // namespace fhirscope::simulation
