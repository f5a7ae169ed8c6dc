// What faults do to the server's data and to its clock.
#include "fhir/json.hpp"
#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::simulation {

namespace {

using std::chrono::milliseconds;

const sim::Author colleague{"Practitioner/colleague", "A colleague"};

} // namespace

void VirtualWorld::set_server_offset(std::chrono::milliseconds offset) {
    // The staff do not work faster because a clock was set.
    const bool was_paused = server_.clinic.paused();
    server_.clinic.set_paused(true, server_now());
    server_clock_.offset = offset;
    server_.clinic.set_paused(was_paused, server_now());
}

std::vector<sim::VersionPtr> VirtualWorld::some_tasks(std::uint64_t salt, std::int64_t count) const {
    std::vector<sim::VersionPtr> alive = server_.store.all("Task");
    std::erase_if(alive, [](const sim::VersionPtr& task) { return task->deleted(); });
    sim::Random random(salt);
    const auto wanted = std::min<std::size_t>(alive.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < wanted; ++i)
        std::swap(alive[i], alive[i + static_cast<std::size_t>(random.below(alive.size() - i))]);
    alive.resize(wanted);
    return alive;
}

void VirtualWorld::describe_task(const sim::VersionPtr& task, const std::string& text, ServerTime when) {
    set_text(task, "description", text, when);
}

void VirtualWorld::set_text(const sim::VersionPtr& version, const char* member, const std::string& text,
                            ServerTime when) {
    auto content = fhir::parse_json(version->plain_text());
    if (!content) return;
    auto& memory = content->GetAllocator();
    content->RemoveMember(member);
    content->AddMember(rapidjson::StringRef(member), rapidjson::Value(text.c_str(), memory), memory);
    server_.store.update(std::move(*content), colleague, when);
}

// A transaction that deletes and is rolled back still sends what it deleted (PROTOCOL A13).
void VirtualWorld::ghost_delete(const Fault& fault) {
    const auto tasks = some_tasks(fault.salt, fault.amount);
    ghost_ = true;
    server_.store.begin();
    for (const auto& task : tasks) server_.store.remove(task->type, task->id, server_now());
    server_.store.roll_back();
    ghost_ = false;
}

void VirtualWorld::tie(const Fault& fault) {
    const auto tasks = some_tasks(fault.salt, 1);
    for (const auto& task : tasks)
        for (std::int64_t i = 0; i < fault.amount; ++i)
            describe_task(task, "written at one moment, " + std::to_string(i), server_now());
}

void VirtualWorld::delete_tasks(const Fault& fault) {
    const auto tasks = some_tasks(fault.salt, fault.amount);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        server_.store.remove(tasks[i]->type, tasks[i]->id, server_now());
        if (i % 2 == 1)
            queue_.after(milliseconds(static_cast<std::int64_t>(fault.salt % 3'000)),
                         [this, task = tasks[i]] { describe_task(task, "back again", server_now()); });
    }
}

// Several writers: a commit gets its time before it can be seen, so others with later times are seen first.
void VirtualWorld::write_behind(const Fault& fault) {
    sim::Random random(fault.salt);
    for (VirtualTime at{0}; at < fault.lasts; at += milliseconds(random.between(50, 1'000))) {
        const auto lag = milliseconds(random.between(0, fault.amount));
        queue_.after(at, [this, salt = random.next(), lag] {
            for (const auto& task : some_tasks(salt, 1))
                // A later one of the same resource makes it conflict, so times of one resource are in order.
                describe_task(task, "writer " + std::to_string(salt % 1000),
                              std::min(server_now(), std::max(server_now() - lag, task->last_updated)));
        });
    }
}

// Those that somebody is editing; where nobody is, any.
std::vector<sim::VersionPtr> VirtualWorld::edited(std::uint64_t salt, std::int64_t count) const {
    std::vector<sim::VersionPtr> found;
    for (const auto& client : clients_)
        for (const auto& edit : client->pending_edits()) {
            const auto slash = edit->reference.find('/');
            const auto current =
                server_.store.current(edit->reference.substr(0, slash), edit->reference.substr(slash + 1));
            if (current && !current->deleted()) found.push_back(current);
        }
    if (found.empty()) return some_tasks(salt, count);
    sim::Random random(salt);
    while (found.size() > static_cast<std::size_t>(count))
        found.erase(found.begin() + static_cast<std::ptrdiff_t>(random.below(found.size())));
    return found;
}

// And every other one comes back: with what was there, or with something else.
void VirtualWorld::delete_edited(const Fault& fault) {
    const auto some = edited(fault.salt, fault.amount);
    for (std::size_t i = 0; i < some.size(); ++i) {
        server_.store.remove(some[i]->type, some[i]->id, server_now());
        if (i % 2 == fault.salt % 2) continue;
        queue_.after(milliseconds(static_cast<std::int64_t>(fault.salt % 5'000)), [this, gone = some[i], i] {
            if (gone->type == "Task" && i % 3 != 0) return describe_task(gone, "back again", server_now());
            if (auto content = fhir::parse_json(gone->plain_text()))
                server_.store.update(std::move(*content), colleague, server_now());
        });
    }
}

// Somebody else writes what is being edited, a few times: mostly the very fields that people edit.
void VirtualWorld::change_edited(const Fault& fault) {
    static constexpr std::array<const char*, 3> statuses{"received", "in-progress", "rejected"};
    sim::Random random(fault.salt);
    for (std::int64_t i = 0; i < fault.amount; ++i)
        queue_.after(milliseconds(random.between(0, 4'000)), [this, salt = random.next()] {
            sim::Random choice(salt);
            for (const auto& version : edited(salt, 1)) {
                if (version->type != "Task")
                    set_text(version, "gender", choice.chance(50) ? "other" : "unknown", server_now());
                else if (choice.chance(30))
                    set_text(version, "status", choice.pick(statuses), server_now());
                else if (choice.chance(40))
                    set_text(version, "priority", choice.chance(50) ? "urgent" : "stat", server_now());
                else
                    describe_task(version, "changed by a colleague, " + std::to_string(salt % 1'000), server_now());
            }
        });
}

} // namespace fhirscope::simulation
