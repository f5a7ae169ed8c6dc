#pragma once
// What was edited, sent and committed, each with who did it: the truth that the invariants about edits are judged by.
// Commits are the server's own; what people asked for is taken from their commands, what was sent from the effects.

#include "simulation/virtual_world.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::simulation {

struct EditCommit {
    std::string version_id;
    fhir::ResourcePtr content; // null: a deletion
    std::size_t client = no_client;
    engine::RequestId request = 0;
};

struct Write { // one request of a client
    std::string reference;
    engine::LocalEditPtr edit;  // as the client showed it when it was sent
    bool over_deletion = false; // the client knew that it is deleted
    bool told = false;          // the good answer came
    bool committed = false;
};

struct EditLife { // of one number, at one client
    std::string reference;
    fhir::ResourcePtr base; // that it began with
    std::vector<engine::RequestId> requests;
    engine::LocalEditPtr ended; // null: it is pending
};

struct Decision { // that a person made, and the conflict as it was before
    engine::Resolve resolve;
    engine::ConflictPtr conflict;
};

// What one client did.
struct EditStory {
    engine::Config config;
    std::map<engine::RequestId, Write> writes;
    std::map<std::uint64_t, EditLife> edits;                   // by number
    std::map<std::string, std::vector<fhir::FieldEdit>> asked; // by reference: all that the user ever asked for
    std::map<std::uint64_t, std::vector<Decision>> decisions;  // by number of the conflict
    std::uint64_t ended_seen = 0;                              // of the log of ended edits
};

class EditLedger {
public:
    // Takes what the server holds at the beginning.
    explicit EditLedger(VirtualWorld& world);

    void on_write(const sim::Commit& commit, std::size_t client, engine::RequestId request);
    void before_step(Client& client, const engine::Input& input);
    void after_step(Client& client, const engine::Input& input, const engine::Effects& effects);
    // Returns the edits that have ended since the last time.
    std::vector<engine::LocalEditPtr> see(std::size_t client, const engine::Snapshot& snapshot);

    EditStory& story(std::size_t client) { return stories_[client]; }
    const EditStory& story(std::size_t client) const { return stories_[client]; }
    const std::vector<EditCommit>& commits(const std::string& reference) const;
    // The place of a version among the commits of its resource.
    std::optional<std::size_t> place(const std::string& reference, std::string_view version_id) const;
    // The last content at or before a place; null where there is none.
    fhir::ResourcePtr content(const std::string& reference, std::size_t place) const;

private:
    std::map<std::string, std::vector<EditCommit>> commits_;
    std::vector<EditStory> stories_;
};

// Whether a request writes a resource; "" where it does not, else which one.
std::string written_by(const engine::SendRequest& request, const engine::Config& config);

} // namespace fhirscope::simulation
