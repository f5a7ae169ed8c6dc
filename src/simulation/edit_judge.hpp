#pragma once
// What must hold of edits: nothing acknowledged is lost, nothing is overwritten unseen, nothing refused is written.

#include "simulation/edit_ledger.hpp"
#include "simulation/invariants.hpp"

#include <functional>
#include <optional>
#include <string>

namespace fhirscope::simulation {

std::vector<std::string_view> edit_invariant_names();

class EditJudge {
public:
    using Complain = std::function<void(std::size_t client, std::string_view invariant, std::string text)>;
    EditJudge(VirtualWorld& world, Complain complain);

    void on_write(const sim::Commit& commit, std::size_t client, engine::RequestId request);
    void before_step(Client& client, const engine::Input& input) { ledger_.before_step(client, input); }
    void after_step(Client& client, const engine::Input& input, const engine::Effects& effects) {
        ledger_.after_step(client, input, effects);
    }
    void look(std::size_t client, const engine::Snapshot& snapshot);
    // What of edits is not over yet; "" when all is.
    static std::string unfinished(const engine::Snapshot& snapshot);
    // For people: who wrote the last versions of a resource, and from what.
    std::vector<std::string> story(const std::string& reference) const;
    const EditLedger& ledger() const { return ledger_; }

private:
    struct Written; // a commit, and what it was made from
    using Wrong = std::optional<std::string>;
    Wrong made_on_the_version_before(const Written& w) const;
    Wrong overwrites_nothing_unseen(const Written& w) const;
    Wrong writes_what_was_asked(const Written& w) const;
    Wrong writes_nothing_twice(const Written& w) const;
    Wrong acknowledged_is_written(std::size_t client, const engine::LocalEdit& edit) const;
    Wrong refused_is_not_written(std::size_t client, const EditLife& life) const;
    bool is_decided(const Written& w, const std::string& path, std::size_t place) const;
    bool was_asked(const Written& w, const fhir::FieldChange& change) const;
    bool was_chosen(const Written& w, const fhir::FieldChange& change) const;
    std::string policy(const Written& w, const std::string& path) const;

    VirtualWorld& world_;
    EditLedger ledger_;
    Complain complain_;
};

} // namespace fhirscope::simulation
