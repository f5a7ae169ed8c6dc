#pragma once
// Every conflict with what became of it, and the rules of fields.

#include "engine/core/part.hpp"
#include "engine/edits/conflict_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

struct Work;

struct Conflicts {
    ConflictStore store;
    std::map<std::string, std::uint64_t> drifted; // resources that are read because of a drift: number of its conflict
    std::string default_strategy;
    std::vector<PolicyUse> policy_uses;
    template <class A>
    void archive(A& a) {
        a(store, drifted, default_strategy, policy_uses);
    }
};

void set_default_strategy(State& s, const std::string& name);
std::string author_of(const fhir::Resource& resource); // as meta says; "" where it does not
FieldPolicy policy_of(const State& s, std::string_view type, std::string_view path);
void count_policy(State& s, std::string_view type, const FieldPolicy& policy);
std::uint64_t log_conflict(State& s, Conflict conflict);
void change_conflict(State& s, std::uint64_t number, const std::function<void(Conflict&)>& change);
// After the stages of an update; `row` is its number in the log, `before` what was shown.
void note_conflicts(State& s, const Work& work, const Record* before, std::uint64_t row);
void note_refused_write(State& s, const Observed& observed, const std::string& reference); // Observe mode
void note_drift(State& s, const std::string& reference, const Record* held, const Fact& difference);

} // namespace fhirscope::engine
