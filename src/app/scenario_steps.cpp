// The steps of a scenario, and what each waits for.
#include "app/scenario_runner.hpp"
#include "fhir/edit.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace fhirscope::app {

namespace {

using namespace std::chrono_literals;
using engine::Snapshot;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 30s;
constexpr auto look_again = 100ms; // whether it is to stop, while something is waited for

engine::LocalEditPtr find_edit(const Snapshot& snapshot, const std::string& reference) {
    for (const auto& edit : snapshot.edits)
        if (edit->reference == reference && edit->pending()) return edit;
    return nullptr;
}

engine::ConflictPtr newest_conflict(const Snapshot& snapshot, const std::string& reference,
                                    const std::function<bool(const engine::Conflict&)>& wanted) {
    for (std::size_t i = snapshot.conflicts.size(); i-- > 0;)
        if (const auto& conflict = snapshot.conflicts[i]; conflict->reference == reference && wanted(*conflict))
            return conflict;
    return nullptr;
}

std::string version_id_of(const std::string& resource) {
    const auto json = fhir::parse_json(resource);
    return json && json->IsObject() && json->HasMember("meta")
               ? std::string(fhir::string_at((*json)["meta"], "versionId"))
               : std::string();
}

template <class T>
std::string problem_of(const Result<T>& result) {
    return result ? std::string() : result.error().message;
}

} // namespace

// Looks up now and then whether it is to stop: the client tells nobody when it is about to.
bool ScenarioRunner::until(const Condition& condition) {
    const auto end = Clock::now() + patience;
    while (Clock::now() < end) {
        if (client_.run_until(condition, look_again)) return true;
        if (stopping()) return false;
    }
    return false;
}

bool ScenarioRunner::shows_server_version(const std::string& reference) {
    const auto record = client_.snapshot()->find(reference);
    const auto current = server_.get(reference);
    if (!current) return record && !record->resource();
    return record && record->resource() && record->current().version_id() == version_id_of(*current);
}

bool ScenarioRunner::wait_for_server_version(const std::string& reference) {
    return until([&](const Snapshot&) { return shows_server_version(reference); });
}

std::string ScenarioRunner::play(const ScenarioStep& step) {
    const bool others_write = step.deed == Deed::ServerEdit || step.deed == Deed::Tie || step.deed == Deed::Delete ||
                              step.deed == Deed::Undelete || step.deed == Deed::Hold || step.deed == Deed::Lose ||
                              step.deed == Deed::Repeat;
    if (others_write && faults_.any()) hidden_.insert(step.resource); // its notification may never come
    if (others_write && !hidden_.contains(step.resource) && !wait_for_server_version(step.resource))
        return "the client does not show the server's version within 30 s";
    switch (step.deed) {
        case Deed::LocalEdit:
            return edit_locally(step);
        case Deed::ServerEdit:
            return problem_of(server_.set_member(step.resource, step.member, step.json));
        case Deed::Tie:
            return problem_of(server_.tie(step.resource, step.member, step.json));
        case Deed::Delete:
            return problem_of(server_.remove(step.resource));
        case Deed::Undelete: {
            auto put = server_.put(scenario_.resources.at(step.resource));
            if (put && !step.member.empty()) put = server_.set_member(step.resource, step.member, step.json);
            return problem_of(put);
        }
        case Deed::Hold:
            server_.hold_events(step.resource, step.count);
            hidden_.insert(step.resource);
            held_.insert(step.resource);
            return {};
        case Deed::Lose:
            server_.lose_events(step.resource, step.count);
            hidden_.insert(step.resource);
            return {};
        case Deed::Release:
            for (const std::string& reference : held_) // what is released is to be late
                if (!wait_for_server_version(reference)) return "the client has no newer version of " + reference;
            server_.release_events();
            for (const std::string& reference : std::exchange(held_, {})) hidden_.erase(reference);
            return {};
        case Deed::Compare:
            return compare();
        case Deed::Refuse:
            server_.fail_writes(step.count, step.status, step.text);
            return {};
        case Deed::Resolve:
            return resolve(step);
        case Deed::Repeat:
            server_.repeat_events(step.resource, step.count);
            return {};
        case Deed::Frame:
            server_.send_to_sockets(step.text);
            return {};
        case Deed::Revoke:
            server_.revoke_logins();
            return {};
        case Deed::Expire:
            server_.expire_bindings();
            return {};
        case Deed::Begin: {
            {
                const Lock lock(mutex_);
                begun_.insert(step.fault);
            }
            // What is late or slow is so by the scenario's time; a rate and a clock have their own.
            const bool time = step.fault == Fault::SlowAnswers || step.fault == Fault::LateEvents;
            faults_.begin(step.fault, scaled(step.time), time ? step.amount / options_.speed : step.amount);
            return {};
        }
        case Deed::End:
            faults_.end(step.fault);
            return {};
        case Deed::Await:
            return await(step.what);
        case Deed::Say: // run() has said it
            return {};
    }
    return {};
}

std::string ScenarioRunner::edit_locally(const ScenarioStep& step) {
    const auto at_rest = [&](const Snapshot& s) { return !find_edit(s, step.resource); };
    if (!until([&](const Snapshot& s) {
            const auto record = s.find(step.resource);
            return record && record->resource() && at_rest(s);
        }))
        return "the client does not hold it within 30 s, or an edit of it is pending";
    const auto before = client_.snapshot();
    const auto record = before->find(step.resource);
    const auto json = fhir::to_json(*record->resource(), step.path, step.text);
    if (!json) return json.error().message;
    client_.send(engine::Edit{step.resource, {{step.path, *json}}, step.method});
    const std::uint64_t ended = before->ended_edits.end();
    // Until it has ended, asks, or waits to be sent again after the server refused it.
    const bool done = until([&](const Snapshot& s) {
        for (auto n = std::max(ended, s.ended_edits.first()); n < s.ended_edits.end(); ++n)
            if (s.ended_edits[n]->reference == step.resource) return true;
        const auto edit = find_edit(s, step.resource);
        return edit && (edit->state == engine::EditState::Conflicted ||
                        (edit->state == engine::EditState::Waiting && edit->attempts > 0));
    });
    return done ? "" : "the edit did not come to rest within 30 s";
}

// The clinic rests meanwhile: what changes while it is compared is no drift.
std::string ScenarioRunner::compare() {
    using State = engine::VerifyView::State;
    const bool was_paused = server_.paused();
    server_.set_paused(true);
    const bool quiet = until([](const Snapshot& s) { return s.queue_size == 0 && s.requests_open == 0; });
    const LocalTime before = client_.snapshot()->verify.at;
    client_.send(engine::Verify{});
    const bool done = quiet && until([&](const Snapshot& s) {
                          return s.verify.at != before && s.verify.state != State::Running && s.queue_size == 0 &&
                                 s.requests_open == 0;
                      });
    server_.set_paused(was_paused);
    hidden_.clear(); // what was lost has been found
    return done ? "" : "the comparison did not end within 30 s";
}

std::string ScenarioRunner::await(Awaited what) {
    const auto more = [&](std::uint64_t engine::Counters::*counter, const Snapshot& s) {
        return s.metrics.counters.*counter > seen_.*counter;
    };
    const auto clock_was_set = [&](const Snapshot& s) {
        for (auto n = std::max<std::uint64_t>(events_seen_, s.events.first()); n < s.events.end(); ++n)
            if (s.events[n].what.code == engine::FactCode::ClockSetBack) return true;
        return false;
    };
    const bool came = until([&](const Snapshot& s) {
        switch (what) {
            case Awaited::Live:
                return s.connection.phase == engine::Phase::Live && s.queue_size == 0 && s.requests_open == 0;
            case Awaited::Down:
                return s.connection.phase != engine::Phase::Live;
            case Awaited::Deaf:
                return more(&engine::Counters::deaf, s);
            case Awaited::Missed:
                return more(&engine::Counters::missed, s);
            case Awaited::Duplicate:
                return more(&engine::Counters::duplicates, s);
            case Awaited::Overtaken:
                return more(&engine::Counters::out_of_order, s);
            case Awaited::BadFrame:
                return more(&engine::Counters::bad_frames, s);
            case Awaited::ClockSet:
                return clock_was_set(s);
            case Awaited::Different:
                return more(&engine::Counters::drifts, s) || more(&engine::Counters::missed, s);
        }
        return false;
    });
    if (!came) return "it did not come within 30 s";
    seen_ = client_.snapshot()->metrics.counters;
    events_seen_ = client_.snapshot()->events.end();
    return {};
}

std::string ScenarioRunner::resolve(const ScenarioStep& step) {
    const bool back = step.action == engine::Resolve::Action::RollBack;
    const auto wanted = [&](const engine::Conflict& conflict) { return conflict.open() || (back && conflict.undo); };
    engine::ConflictPtr conflict;
    if (!until([&](const Snapshot& s) {
            return (conflict = newest_conflict(s, step.resource, wanted)) &&
                   (conflict->open() || !find_edit(s, step.resource));
        }))
        return "no conflict of it waits for a decision within 30 s";
    client_.send(engine::Resolve{conflict->number, step.action, step.choices});
    const bool decided = until([&](const Snapshot& s) {
        const auto now = newest_conflict(s, step.resource,
                                         [&](const engine::Conflict& one) { return one.number == conflict->number; });
        return now && !now->open() && now->outcome != conflict->outcome && !find_edit(s, step.resource);
    });
    return decided ? "" : "the decision was not carried out within 30 s";
}

} // namespace fhirscope::app
