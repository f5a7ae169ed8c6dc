#pragma once
// All that is known and judged of one client during a run.

#include "simulation/edit_judge.hpp"
#include "simulation/runner.hpp"
#include "simulation/virtual_world.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fhirscope::simulation {

class Watch {
public:
    struct Options {
        Thoroughness thoroughness{};
        bool edits = false;   // somebody edits at this client
        bool replays = false; // its inputs are given to a second engine in the end
        InputWatcher watcher;
    };
    // `complain` is told of each violation.
    Watch(Client& client, VirtualWorld& world, const History& history, Options options,
          std::function<void(Violation)> complain);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void look(); // judges a snapshot
    void on_commit(const server::Commit& commit, Fanout fanout);
    void on_policy(bool hidden) { ledger_.set_hidden(hidden); }
    void on_own_commit(const std::string& reference);
    // What differs between the stores and the server; "" when nothing does and nothing is under way.
    std::string difference() const;
    // The engine's own comparison must come to the same result as difference(), which was "".
    void verify();
    void at_the_end();
    // Ends the session: none of the Subscriptions that it made stays on the server.
    void leave();
    std::string reference_of(const engine::SendRequest& request) const; // that it writes
    void replay();
    // What the engine logged last, and the commits of the resource that a violation's text names.
    std::vector<std::string> story(const std::string& text) const;

private:
    void before(const engine::Input& input);
    void after(const engine::Input& input, const engine::Effects& effects);
    void complain(Violation violation) const;
    void complain(std::string_view invariant, std::string text) const {
        complain(Violation{std::string(invariant), std::move(text), {}, {}, {}});
    }

    Client& client_;
    VirtualWorld& world_;
    const History& history_;
    const Options options_;
    const std::function<void(Violation)> complain_;
    Ledger ledger_;
    SnapshotChecks snapshot_checks_;
    EffectChecks effect_checks_;
    EditJudge edit_judge_;
    engine::Config config_;
    std::vector<engine::Input> inputs_;
    std::vector<std::size_t> with_edits_; // how many inputs there were when some edit was pending
    // Subscriptions that were to be deleted, by request; those of which the server then said that they are gone, which
    // is false where a fault made the answer, and nothing that the client could know.
    std::map<engine::RequestId, std::string> deletions_;
    std::set<std::string> said_gone_;
    VirtualTime verify_begun_{0};
    std::uint64_t since_look_ = 0;
    bool live_ = false, verifying_ = false;
};

} // namespace fhirscope::simulation
