#include "simulation/users.hpp"

#include "fhir/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::simulation {

namespace {

using engine::Resolve;
using std::chrono::milliseconds;

const server::Author somebody{"Practitioner/somebody", "Somebody else"};
constexpr std::size_t popular = 4; // resources that all like to edit, so that they meet
constexpr std::chrono::seconds patience{45};

constexpr auto statuses = std::to_array<std::string_view>(
    {"requested", "received", "accepted", "ready", "in-progress", "on-hold", "completed", "failed", "cancelled"});
constexpr auto priorities = std::to_array<std::string_view>({"routine", "urgent", "asap", "stat"});

std::string word(Random& random, std::string_view what) {
    return fhir::quote(std::string(what) + " " + std::to_string(random.below(30)));
}

bool has(const fhir::Resource& resource, std::string_view member) { return resource.member(member).has_value(); }

} // namespace

std::vector<fhir::FieldEdit> draw_edits(Random& random, const fhir::Resource& resource) {
    std::vector<fhir::FieldEdit> edits;
    for (std::int64_t n = random.chance(70) ? 1 : random.between(2, 3); n > 0; --n) {
        if (resource.type() == "Patient") {
            if (random.chance(50) && has(resource, "telecom"))
                edits.push_back({"telecom[0].value", word(random, "+44 1632 96")});
            else if (random.chance(50))
                edits.push_back({"name[0].family", word(random, "Hart")});
            else
                edits.push_back({"name[0].given[0]", word(random, "Emily")});
            continue;
        }
        switch (random.below(7)) {
            case 0:
                edits.push_back({"status", fhir::quote(random.pick(statuses))});
                break;
            case 1:
                edits.push_back({"priority", fhir::quote(random.pick(priorities))});
                break;
            case 2: {
                const std::string number = std::to_string(random.below(6));
                edits.push_back({"owner.reference", fhir::quote("Practitioner/" + number)});
                edits.push_back({"owner.display", fhir::quote("Doctor " + number)});
                break;
            }
            case 3: // sometimes it is taken away
                edits.push_back({"description", random.chance(15) && has(resource, "description")
                                                    ? std::string()
                                                    : word(random, "Call the patient")});
                break;
            case 4:
                edits.push_back({"restriction.period.end",
                                 fhir::quote("2026-10-" + std::to_string(random.between(10, 28)) + "T08:00:00.000Z")});
                break;
            case 5:
                edits.push_back({"note[+].text", word(random, "Noted")});
                break;
            case 6:
                edits.push_back({has(resource, "note") ? "note[0].text" : "note[+].text", word(random, "Corrected")});
                break;
        }
    }
    return edits;
}

Users::Users(VirtualWorld& world, std::uint64_t seed) : world_(world), colleague_(seed ^ 0xc011ea9e0ULL) {
    for (std::size_t i = 0; i < world.clients(); ++i) {
        users_.push_back({world.client(i), Random(seed ^ (0x05e2ULL + i * 0x9e3779b97f4a7c15ULL)), {}});
        live(users_.back());
        attend(users_.back());
    }
    work(colleague_);
}

void Users::live(User& user) {
    world_.queue().after(
        milliseconds(user.random.between(300, 5'000)),
        [this, &user] {
            if (stopped_) return;
            act(user);
            live(user);
        });
}

void Users::attend(User& user) {
    world_.queue().after(
        milliseconds(500),
        [this, &user] {
            const auto snapshot = user.client.engine().publish();
            if (snapshot->open_conflicts > 0) {
                for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i) {
                    const engine::Conflict& conflict = *snapshot->conflicts[i];
                    if (!conflict.open()) continue;
                    auto [known, is_new] = user.deciding.try_emplace(conflict.number, VirtualTime(0));
                    if (!is_new && world_.now() < known->second) continue;
                    const auto thinks = milliseconds(user.random.between(100, user.random.chance(50) ? 2'000 : 15'000));
                    known->second = world_.now() + thinks + patience;
                    world_.queue().after(
                        thinks, [this, &user, number = conflict.number] { decide(user, number); });
                }
            }
            attend(user);
        });
}

void Users::act(User& user) {
    const auto snapshot = user.client.engine().publish();
    const auto draw = user.random.below(100);
    if (draw < 12)
        discard(user, *snapshot);
    else if (draw < 22)
        take_back(user, *snapshot);
    else
        edit(user, *snapshot);
}

void Users::edit(User& user, const engine::Snapshot& snapshot) {
    const std::string_view type = user.random.chance(75) ? "Task" : "Patient";
    for (const auto& store : snapshot.stores) {
        if (store.type != type || store.records.size() == 0) continue;
        const std::size_t among =
            user.random.chance(60) ? std::min(popular, store.records.size()) : store.records.size();
        const engine::Record& record = *store.records[user.random.below(among)];
        if (!record.resource() && !record.edit) return;
        const fhir::Resource& shown = record.edit ? *record.edit->local : *record.resource();
        engine::Edit command{record.reference, draw_edits(user.random, shown),
                             user.random.chance(50) ? engine::EditMethod::Put : engine::EditMethod::Patch};
        ++edits_;
        return user.client.input(engine::Command{std::move(command)});
    }
}

void Users::discard(User& user, const engine::Snapshot& snapshot) {
    if (snapshot.edits.empty()) return;
    const auto& edit = snapshot.edits[user.random.below(snapshot.edits.size())];
    user.client.input(engine::Command{engine::DiscardEdit{edit->reference}});
}

void Users::take_back(User& user, const engine::Snapshot& snapshot) {
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i)
        if (!snapshot.conflicts[i]->open() && snapshot.conflicts[i]->undo)
            numbers.push_back(snapshot.conflicts[i]->number);
    if (numbers.empty()) return;
    ++decisions_;
    const std::uint64_t number = numbers[user.random.below(numbers.size())];
    user.client.input(engine::Command{Resolve{number, Resolve::Action::RollBack, {}}});
}

void Users::decide(User& user, std::uint64_t number) {
    static constexpr auto actions =
        std::to_array({Resolve::Action::Merge, Resolve::Action::Merge, Resolve::Action::TakeServer,
                       Resolve::Action::KeepLocal, Resolve::Action::RollBack});
    static constexpr auto sides =
        std::to_array({fhir::Side::Base, fhir::Side::Local, fhir::Side::Server, fhir::Side::Both});
    const auto snapshot = user.client.engine().publish();
    for (std::size_t i = 0; i < snapshot->conflicts.size(); ++i) {
        const engine::Conflict& conflict = *snapshot->conflicts[i];
        if (conflict.number != number || !conflict.open()) continue;
        Resolve resolve{number, user.random.pick(actions), {}};
        if (resolve.action == Resolve::Action::Merge)
            for (const fhir::MergeField& field : conflict.fields)
                if (user.random.chance(70)) resolve.choices.emplace_back(field.path, user.random.pick(sides));
        ++decisions_;
        return user.client.input(engine::Command{std::move(resolve)});
    }
}

void Users::work(Random& random) {
    world_.queue().after(
        milliseconds(random.between(500, 6'000)),
        [this, &random] {
            if (stopped_) return;
            // Where it hurts: what somebody is editing right now.
            std::vector<std::string> pending;
            for (User& user : users_) {
                const auto snapshot = user.client.engine().publish();
                for (const auto& edit : snapshot->edits) pending.push_back(edit->reference);
            }
            const auto tasks = world_.server().store.all("Task");
            if (!pending.empty() && random.chance(70))
                meddle(random, pending[random.below(pending.size())]);
            else if (!tasks.empty())
                meddle(random, tasks[random.below(std::min(tasks.size(), popular))]->reference());
            work(random);
        });
}

void Users::meddle(Random& random, const std::string& reference) {
    server::Store& store = world_.server().store;
    const auto slash = reference.find('/');
    const std::string type = reference.substr(0, slash), id = reference.substr(slash + 1);
    const server::VersionPtr current = store.current(type, id);
    if (!current) return;
    if (current->deleted()) {
        if (!random.chance(60)) return;
        for (const auto& version : store.history(type, id)) {
            if (version->deleted()) continue;
            if (auto content = fhir::parse_json(version->plain_text()))
                store.update(std::move(*content), somebody, world_.server_now());
            return;
        }
        return;
    }
    if (type == "Task" && random.chance(20)) {
        store.remove(type, id, world_.server_now());
        return;
    }
    const auto text = fhir::apply_edits(*current->resource, draw_edits(random, *current->resource));
    if (!text) return;
    if (auto content = fhir::parse_json(*text)) store.update(std::move(*content), somebody, world_.server_now());
}

} // namespace fhirscope::simulation
