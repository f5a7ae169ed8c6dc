#pragma once
// Whether one client's edits were written as they must be: judged from the server's own commits and from what its user
// asked for, never from what the engine believes.

#include "engine/engine.hpp"
#include "simulation/history.hpp"
#include "simulation/invariants.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

std::vector<std::string_view> edit_invariant_names();

class EditJudge {
public:
    EditJudge(const History& history, int client) : history_(history), client_(client) {}

    // Around each step that a command leads to.
    void before(const engine::Command& command, const engine::Snapshot& snapshot);
    void after(const engine::Command& command, const engine::Snapshot& snapshot);
    // A request about one resource is sent, and answered.
    void sent(const engine::SendRequest& request, const std::string& reference, const engine::Snapshot& snapshot);
    void answered(const engine::HttpAnswer& answer, LocalTime now);
    // This client's request has made the newest commit of the resource.
    std::optional<Violation> on_commit(const std::string& reference, const engine::Snapshot& snapshot);
    // Edits that have ended since the last call.
    std::optional<Violation> on_ended(const engine::Snapshot& snapshot);
    // When all is over: nothing that was written and answered is without an acknowledged edit.
    std::optional<Violation> at_the_end() const;

private:
    struct Wish { // of the user, for one field
        fhir::FieldEdit field;
        std::size_t seen = 0; // position of the commit that the user saw then
    };
    // What the user wants of a resource, from the first edit until it has been written or taken back.
    struct Intent {
        LocalTime begun;
        std::size_t base = 0;
        std::vector<Wish> wishes;
        std::set<std::string, std::less<>> chosen; // members for which a decision named a side
        bool whole = false;                        // a decision named an earlier content, whatever it has
        std::uint64_t decisions = 0;
    };

    const engine::LocalEdit* pending(const engine::Snapshot& snapshot, const std::string& reference) const;
    std::optional<Violation> precondition_held(const std::string& reference, const History::Commit& commit,
                                               const History::Commit& before, const engine::Snapshot& snapshot) const;
    std::optional<Violation> fields_are_wished(const std::string& reference, const Intent& intent,
                                               const History::Commit& commit, const History::Commit& before) const;
    std::optional<Violation> overlaps_were_met(const std::string& reference, const Intent& intent,
                                               const History::Commits& commits, std::size_t place,
                                               const engine::Snapshot& snapshot) const;
    void begin_awaited(const engine::Snapshot& snapshot);
    std::optional<Violation> acknowledged(const engine::LocalEdit& edit);
    std::optional<Violation> given_up(const engine::LocalEdit& edit) const;

    const History& history_;
    const int client_;
    std::map<std::string, Intent, std::less<>> intents_;       // by reference; the last of each
    std::map<std::string, std::vector<engine::Edit>> awaited_; // edits of what is read again before: not begun yet
    std::set<std::string, std::less<>> acknowledged_;          // versions
    std::set<engine::RequestId> over_known_deletion_;          // writes of what was known to be deleted
    std::map<engine::RequestId, std::string> asked_;           // requests under way: about which resource
    std::map<std::string, LocalTime, std::less<>> refusals_;   // by reference: when the server last would not
    std::uint64_t ended_seen_ = 0;
    bool was_pending_ = false;
};

} // namespace fhirscope::simulation
