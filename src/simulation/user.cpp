#include "simulation/user.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::simulation {

namespace {

using engine::Command;
using std::chrono::milliseconds;

constexpr std::array statuses{"requested", "received",    "accepted", "rejected",  "ready",
                              "cancelled", "in-progress", "on-hold",  "completed", "failed"};
constexpr std::array priorities{"routine", "urgent", "asap", "stat"};
constexpr std::array<fhir::Side, 4> sides{fhir::Side::Base, fhir::Side::Local, fhir::Side::Server, fhir::Side::Both};

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::int64_t pace(sim::Random& random) { return random.chance(30) ? 1'500 : random.between(2'000, 12'000); }

} // namespace

User::User(EventQueue& queue, Client& client, std::uint64_t seed)
    : queue_(queue),
      client_(client),
      random_(seed ^ (0x05e4'05e4ULL + client.number())),
      pace_ms_(pace(random_)),
      patience_ms_(random_.between(500, 20'000)),
      patch_percent_(static_cast<unsigned>(random_.between(0, 100))) {
    act_later();
}

void User::act_later() {
    queue_.after(milliseconds(stopped_ ? 1'000 : random_.between(100, pace_ms_)), [this] {
        act();
        act_later();
    });
}

void User::act() {
    const auto snapshot = client_.engine().publish();
    if (!stopped_) {
        const auto chance = random_.below(100);
        if (chance < 70)
            edit(*snapshot);
        else if (chance < 80)
            discard(*snapshot);
        else if (chance < 86)
            roll_back(*snapshot);
    }
    decide(*snapshot);
}

std::string User::said() { return "said " + std::to_string(++words_) + " by " + std::to_string(client_.number()); }

fhir::FieldEdit User::some_task_field() {
    switch (random_.below(6)) {
        case 0:
            return {"status", quoted(random_.pick(statuses))};
        case 1:
            return {"priority", quoted(random_.pick(priorities))};
        case 2:
            return {"restriction.period.end", quoted("2027-01-" + std::to_string(random_.between(10, 31)))};
        case 3:
            return {"note[+].text", quoted(said())};
        case 4:
            return {"description", ""};
        default:
            return {"description", quoted(said())};
    }
}

fhir::FieldEdit User::some_patient_field() {
    switch (random_.below(4)) {
        case 0:
            return {"telecom[0].value", quoted(said())};
        case 1:
            return {"name[0].family", quoted(said())};
        case 2:
            return {"name[0].given[0]", quoted(said())};
        default:
            return {"gender", quoted(random_.chance(50) ? "female" : "male")};
    }
}

std::vector<fhir::FieldEdit> User::some_fields(std::string_view type) {
    std::vector<fhir::FieldEdit> fields;
    if (type == "Task" && random_.chance(20)) { // what belongs together
        const std::string who = std::to_string(random_.between(1, 9));
        return {{"owner.reference", quoted("Practitioner/p" + who)}, {"owner.display", quoted("Dr. " + who)}};
    }
    for (std::int64_t i = random_.between(1, 2); i > 0; --i)
        fields.push_back(type == "Task" ? some_task_field() : some_patient_field());
    return fields;
}

void User::edit(const engine::Snapshot& snapshot) {
    const std::string_view type = random_.chance(75) ? "Task" : "Patient";
    for (const auto& store : snapshot.stores) {
        if (store.type != type || store.records.size() == 0) continue;
        // Everybody is interested in the same few.
        const std::size_t among =
            random_.chance(60) ? std::min<std::size_t>(store.records.size(), 3) : store.records.size();
        const auto& record = *store.records[static_cast<std::size_t>(random_.below(among))];
        const auto method = random_.chance(patch_percent_) ? engine::EditMethod::Patch : engine::EditMethod::Put;
        return client_.input(Command{engine::Edit{record.reference, some_fields(type), method}});
    }
}

void User::discard(const engine::Snapshot& snapshot) {
    if (snapshot.edits.empty()) return;
    const auto& edit = snapshot.edits[static_cast<std::size_t>(random_.below(snapshot.edits.size()))];
    client_.input(Command{engine::DiscardEdit{edit->reference}});
}

engine::Resolve User::decision(const engine::Conflict& conflict) {
    engine::Resolve resolve;
    resolve.conflict = conflict.number;
    switch (random_.below(5)) {
        case 0:
            resolve.action = engine::Resolve::Action::TakeServer;
            break;
        case 1:
            resolve.action = engine::Resolve::Action::KeepLocal;
            break;
        case 2:
            resolve.action = engine::Resolve::Action::RollBack;
            break;
        default:
            resolve.action = engine::Resolve::Action::Merge;
            for (const auto& field : conflict.fields)
                if (random_.chance(field.overlap ? 80 : 20))
                    resolve.choices.emplace_back(field.path, random_.pick(sides));
    }
    return resolve;
}

void User::decide(const engine::Snapshot& snapshot) {
    std::vector<engine::Resolve> decisions;
    for (std::size_t i = 0; snapshot.open_conflicts > 0 && i < snapshot.conflicts.size(); ++i) {
        const engine::Conflict& conflict = *snapshot.conflicts[i];
        if (!conflict.open()) continue;
        const auto [seen, first] = looks_at_.try_emplace(conflict.number);
        if (first) seen->second = queue_.now() + milliseconds(random_.between(0, patience_ms_));
        if (stopped_ || seen->second <= queue_.now()) decisions.push_back(decision(conflict));
    }
    for (auto& resolve : decisions) {
        looks_at_.erase(resolve.conflict);
        client_.input(Command{std::move(resolve)});
    }
}

void User::roll_back(const engine::Snapshot& snapshot) {
    std::vector<std::uint64_t> candidates;
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i)
        if (!snapshot.conflicts[i]->open() && snapshot.conflicts[i]->undo)
            candidates.push_back(snapshot.conflicts[i]->number);
    if (candidates.empty()) return;
    const std::size_t newest =
        candidates.size() - 1 - static_cast<std::size_t>(random_.below(std::min<std::size_t>(candidates.size(), 3)));
    client_.input(Command{engine::Resolve{candidates[newest], engine::Resolve::Action::RollBack, {}}});
}

} // namespace fhirscope::simulation
