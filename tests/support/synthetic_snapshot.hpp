#pragma once
// Snapshots without an engine, for tests of the window and for its frame figures: invented people, any number of rows,
// the same every time.

#include "engine/snapshot.hpp"
#include "fhir/resource.hpp"
#include "support/paths.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace fhirscope::tests {

struct SyntheticOptions {
    std::size_t patients = 60;
    std::size_t tasks = 240;
    std::size_t alerts = 30;
    std::size_t updates = 20000;
    int seconds = 720; // of traffic before now
    bool gap = true;   // a reconnect three minutes ago
};

class Synthetic {
public:
    explicit Synthetic(SyntheticOptions options = {}) : options_(options) {
        make_definitions();
        make_resources();
        make_updates();
        make_connection();
        make_frames();
        make_seconds();
    }

    // 2026-03-12T14:32:07.412Z
    static LocalTime now() { return LocalTime(std::chrono::microseconds(1773325927412000)); }

    // The caller's, who may put in what is not made here.
    std::shared_ptr<engine::Snapshot> publish() {
        auto snapshot = std::make_shared<engine::Snapshot>();
        snapshot->revision = ++revision_;
        snapshot->at = now();
        snapshot->inputs = rows_.size();
        snapshot->connection = connection_;
        snapshot->subscriptions = subscriptions_;
        snapshot->panels = panels_;
        for (std::size_t i = 0; i < stores_.size(); ++i)
            snapshot->stores.push_back({types_[i], stores_[i].publish(), 0});
        snapshot->updates = rows_.publish();
        snapshot->stage_times = stages_.publish();
        snapshot->frames = frames_.publish();
        snapshot->events = events_.publish();
        snapshot->seconds = seconds_.publish();
        snapshot->rejections = rejections_.publish();
        snapshot->metrics = metrics_;
        snapshot->queue_size = 4;
        snapshot->memory_updates = rows_.size() * (sizeof(engine::UpdateRow) + sizeof(engine::StageTimes));
        return snapshot;
    }

    // A version of a task arrives with another status: what a live update does to a snapshot.
    void change_task(std::size_t index, std::string_view status, LocalTime at) {
        const engine::RecordPtr old = stores_[1][index];
        Task task = tasks_[index];
        task.status = status;
        tasks_[index] = task;
        auto record = std::make_shared<engine::Record>(*old);
        record->history.push_back(version(task_json(index, hex(32), at), at, engine::Channel::Socket, 1, {"status"}));
        record->row = task_row(index);
        record->changed_at = at;
        record->confirmed_at = at;
        record->changed_cells = 1U << 3;
        ++record->versions_seen;
        stores_[1].set(index, record);
        add_update(1, static_cast<std::uint32_t>(index), at, engine::Outcome::Applied);
    }

    // A local edit of a task's status, as the engine shows it.
    engine::LocalEditPtr edit_task(std::size_t index, std::string_view status, engine::EditState state) {
        auto record = std::make_shared<engine::Record>(*stores_[1][index]);
        const Task server = tasks_[index];
        tasks_[index].status = status;
        auto edit = std::make_shared<engine::LocalEdit>();
        edit->number = ++edits_made_;
        edit->reference = record->reference;
        edit->made = now();
        edit->state = state;
        edit->fields = {{"status", '"' + std::string(status) + '"'}};
        edit->base = record->history.back()->resource;
        edit->local =
            fhir::parse_resource(task_json(index, std::string(edit->base->version_id()), record->changed_at)).value();
        edit->row = task_row(index);
        edit->changed_cells = 1U << 3;
        tasks_[index] = server;
        record->edit = edit;
        stores_[1].set(index, record);
        return edit;
    }
    void end_edit(std::size_t index) {
        auto record = std::make_shared<engine::Record>(*stores_[1][index]);
        record->edit = nullptr;
        stores_[1].set(index, record);
    }

    // A comparison found another status on the server, which is not read yet.
    void find_stale(std::size_t index, std::string_view status, LocalTime since) {
        auto record = std::make_shared<engine::Record>(*stores_[1][index]);
        const std::string here = std::exchange(tasks_[index].status, std::string(status));
        record->server_side =
            std::make_shared<const engine::ServerSide>(engine::ServerSide{hex(32), since, task_row(index)});
        tasks_[index].status = here;
        record->standing = engine::Standing::Checking;
        stores_[1].set(index, record);
    }

    void end_stale(std::size_t index, std::string_view status, LocalTime at) {
        change_task(index, status, at);
        auto record = std::make_shared<engine::Record>(*stores_[1][index]);
        record->server_side = nullptr;
        record->standing = engine::Standing::Current;
        stores_[1].set(index, record);
    }

    void delete_task(std::size_t index, LocalTime at) {
        auto record = std::make_shared<engine::Record>(*stores_[1][index]);
        auto gone = std::make_shared<engine::Version>();
        gone->received = at;
        record->history.push_back(gone);
        record->standing = engine::Standing::Deleted;
        record->row = nullptr;
        record->changed_at = at;
        stores_[1].set(index, record);
    }

    void add_update(engine::TypeIndex type, std::uint32_t record, LocalTime received, engine::Outcome outcome) {
        engine::UpdateRow row;
        row.received = received;
        row.dequeued = received + std::chrono::microseconds(300);
        row.changed = ServerTime(
            std::chrono::floor<std::chrono::milliseconds>(received.time_since_epoch() - std::chrono::milliseconds(35)));
        row.sent = row.changed;
        row.record = record;
        row.type = type;
        row.size = 1200;
        row.subscription = static_cast<engine::SubscriptionIndex>(type == 0 ? 0 : type == 2 ? 3 : 1 + record % 2);
        row.outcome = outcome;
        const std::string text = hex(8);
        std::copy(text.begin(), text.end(), row.version.begin());
        rows_.push_back(row);
        stages_.push_back(engine::StageTimes{{12000, 800, 2200, 9100, 1500}});
        ++metrics_.outcomes[static_cast<std::size_t>(outcome)];
    }

    // A frame of the socket that brings one update.
    void add_frame(LocalTime at) {
        engine::FrameRow frame = last_event_frame_;
        frame.at = at;
        frames_.push_back(frame);
    }

    // Closes the second buckets of live updates up to `now`, as the engine does each second.
    void finish_seconds(LocalTime now) {
        const std::int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
        if (second <= finished_second_) return;
        engine::SecondBucket bucket;
        bucket.second = finished_second_ = second - 1 > finished_second_ ? second - 1 : second;
        bucket.updates = {40, 30, 20, 10};
        bucket.latency[14] = 60;
        bucket.latency[16] = 40;
        bucket.p50 = 38'000, bucket.p90 = 71'000, bucket.p99 = 140'000, bucket.max = 190'000;
        seconds_.push_back(bucket);
    }

    std::string task_reference(std::size_t index) const { return stores_[1][index]->reference; }
    const engine::Record& task(std::size_t index) const { return *stores_[1][index]; }

private:
    struct Task {
        std::size_t patient = 0;
        std::string description, status, priority, owner, id, due;
    };

    std::uint32_t random() {
        seed_ = seed_ * 1664525U + 1013904223U;
        return seed_ >> 8U;
    }
    double unit() { return random() / 16777216.0; }
    std::string hex(std::size_t n) {
        std::string out;
        for (std::size_t i = 0; i < n; ++i) out += "0123456789abcdef"[random() % 16];
        return out;
    }
    std::string uuid() { return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-9" + hex(3) + "-" + hex(12); }
    template <class List>
    const auto& pick(const List& list) {
        return list[random() % std::size(list)];
    }

    static std::string instant(LocalTime at) {
        return fhir::format_instant(ServerTime(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch())));
    }

    void make_definitions() {
        for (const char* file : {"10-patients.json", "20-tasks.json", "30-alerts.json"}) {
            std::ifstream in(std::filesystem::path(assets) / "panels" / file);
            const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
            auto panel = engine::parse_panel(text, file);
            if (panel) panels_.push_back(std::move(*panel));
        }
        types_ = {"Patient", "Task", "Basic"};
        stores_.resize(3);
        const std::array<std::pair<const char*, const char*>, 4> wishes = {
            {{"Patient", "Patient?organization=cardio"},
             {"Task requested", "Task?status=requested"},
             {"Task in progress", "Task?status=in-progress"},
             {"Device alert", "Basic?code=device-alert"}}};
        for (const auto& [name, criteria] : wishes) {
            engine::SubscriptionView view;
            view.name = name;
            view.criteria = criteria;
            view.id = uuid();
            view.state = engine::SubscriptionState::Live;
            view.created = now() - std::chrono::minutes(161);
            view.since = view.created;
            view.bound = now() - std::chrono::seconds(195);
            view.token_expires = now() + std::chrono::seconds(2652);
            for (int i = 24; i-- > 0;) view.heartbeats.push_back(now() - std::chrono::seconds(3 + 10 * i));
            view.last_heartbeat = view.heartbeats.back();
            view.last_event = now() - std::chrono::milliseconds(400);
            view.events = 100000 + random() % 400000;
            view.handshakes = 4;
            subscriptions_.push_back(view);
        }
        subscriptions_[3].state = engine::SubscriptionState::Refreshing;
        subscriptions_[3].created = now() - std::chrono::minutes(22 * 60 + 57);
        subscriptions_[3].token_expires = now() + std::chrono::seconds(108);
        subscriptions_[1].heartbeats[21] += std::chrono::seconds(6);
    }

    engine::VersionPtr version(const std::string& json, LocalTime received, engine::Channel channel,
                               engine::SubscriptionIndex subscription, std::vector<std::string> changed) {
        auto made = std::make_shared<engine::Version>();
        made->resource = fhir::parse_resource(json).value();
        made->last_updated = made->resource->last_updated();
        made->received = received;
        made->channel = channel;
        made->subscription = subscription;
        made->update = rows_.size() > 4 ? rows_.size() - 4 : 0;
        made->changed = std::move(changed);
        return made;
    }

    std::string patient_name(std::size_t i) const {
        static constexpr const char* given[] = {"Amara",  "Carlos",   "Emily", "Henrik", "Ingrid", "Jonas",
                                                "Kenji",  "Mei-Ling", "Nora",  "Leila",  "Priya",  "Samuel",
                                                "Tomasz", "Viktor",   "Aisha", "Yusuf",  "Clara",  "Dmitri"};
        static constexpr const char* family[] = {"Okafor",   "Mendes", "Hart",       "Lindqvist", "Solberg", "Weber",
                                                 "Watanabe", "Tan",    "Fitzgerald", "Haddad",    "Raman",   "Osei",
                                                 "Nowak",    "Petrov", "Bello",      "Demir",     "Moreau"};
        return std::string(given[i % std::size(given)]) + " " +
               family[(i + i / std::size(given) * 5) % std::size(family)];
    }

    std::string task_json(std::size_t i, const std::string& version_id, LocalTime updated) const {
        const Task& task = tasks_[i];
        std::string owner =
            task.owner.empty() ? "" : R"("owner":{"reference":"Practitioner/p1","display":")" + task.owner + R"("},)";
        return R"({"resourceType":"Task","id":")" + task.id + R"(","meta":{"versionId":")" + version_id +
               R"(","lastUpdated":")" + instant(updated) +
               R"(","profile":["https://fhirscope.example/StructureDefinition/follow-up"]},"status":")" + task.status +
               R"(","intent":"order","priority":")" + task.priority +
               R"(","code":{"coding":[{"system":"https://fhirscope.example/CodeSystem/kinds","code":"follow-up"}],"text":"Follow-up"},)" +
               R"("description":")" + task.description + R"(","for":{"reference":"Patient/)" +
               patient_ids_[task.patient] + R"(","display":")" + patient_name(task.patient) + R"("},)" + owner +
               R"("restriction":{"period":{"end":")" + task.due + R"("}}})";
    }

    engine::RowPtr task_row(std::size_t i) const {
        const Task& task = tasks_[i];
        auto row = std::make_shared<engine::Row>();
        row->cells = {task.id,   patient_name(task.patient), task.description, task.status, task.priority, task.due,
                      task.owner};
        return row;
    }

    void make_resources() {
        static constexpr const char* descriptions[] = {
            "Titrate bisoprolol, call patient", "INR follow-up, warfarin dose", "Review 24 h Holter report",
            "Echo results, book discussion",    "Post-PCI check, day 30",       "Blood pressure diary review",
            "Pacemaker interrogation",          "Stress test consent",          "Potassium result, adjust ramipril",
            "Cardiac rehab referral",           "ICD remote transmission",      "Lipid panel follow-up",
            "Palpitations, event recorder fit", "Home oxygen review",           "Discharge letter to GP"};
        static constexpr const char* statuses[] = {"requested", "received",    "accepted",  "in-progress",
                                                   "on-hold",   "in-progress", "completed", "requested"};
        static constexpr const char* priorities[] = {"routine", "routine", "routine", "urgent",
                                                     "asap",    "routine", "stat",    "routine"};
        static constexpr const char* owners[] = {"N. Abadi", "K. Lund", "I. Marsh", "T. Reyes", ""};
        const auto age_of = [&](std::size_t i) {
            return now() - std::chrono::milliseconds(i % 9 == 2   ? 450
                                                     : i % 9 == 6 ? 3200
                                                                  : 9000 + static_cast<int>(random() % 40000));
        };
        const auto put = [&](std::size_t store, std::string reference, std::vector<engine::VersionPtr> history,
                             engine::RowPtr row, LocalTime changed, std::uint64_t cells, engine::Standing standing) {
            auto record = std::make_shared<engine::Record>();
            record->reference = std::move(reference);
            record->index = static_cast<std::uint32_t>(stores_[store].size());
            record->standing = standing;
            record->changed_at = changed;
            record->confirmed_at = changed;
            record->versions_seen = static_cast<std::uint32_t>(history.size());
            record->history = std::move(history);
            record->row = std::move(row);
            record->changed_cells = cells;
            stores_[store].push_back(record);
        };
        for (std::size_t i = 0; i < options_.patients; ++i) {
            const std::string id = uuid();
            patient_ids_.push_back(id);
            char born[16];
            std::snprintf(born, sizeof born, "%04d-%02d-%02d", static_cast<int>(1940 + random() % 60),
                          static_cast<int>(1 + random() % 12), static_cast<int>(1 + random() % 28));
            const char* gender = random() % 2 == 0 ? "female" : "male";
            const LocalTime changed = age_of(i);
            const std::string json = R"({"resourceType":"Patient","id":")" + id + R"(","meta":{"versionId":")" +
                                     uuid() + R"(","lastUpdated":")" + instant(changed) +
                                     R"("},"name":[{"use":"official","text":")" + patient_name(i) +
                                     R"("}],"gender":")" + gender + R"(","birthDate":")" + born + R"("})";
            auto row = std::make_shared<engine::Row>();
            row->cells = {id, patient_name(i), born, gender, "", ""};
            put(0, "Patient/" + id, {version(json, changed, engine::Channel::Socket, 0, {})}, row, changed,
                i % 9 == 2 ? 2 : 0, i == 12 ? engine::Standing::Unconfirmed : engine::Standing::Current);
        }
        for (std::size_t i = 0; i < options_.tasks; ++i) {
            char due[40];
            std::snprintf(due, sizeof due, "2026-03-%02dT%02d:%02d:00Z",
                          static_cast<int>(12 + i * 3 / std::max<std::size_t>(1, options_.tasks)),
                          static_cast<int>(14 + i % 8), static_cast<int>((i * 7) % 60));
            tasks_.push_back({random() % std::max<std::size_t>(1, options_.patients),
                              descriptions[i % std::size(descriptions)], "accepted", pick(priorities), pick(owners),
                              uuid(), due});
            const LocalTime changed = age_of(i);
            std::vector<engine::VersionPtr> history;
            // A few have a long history, so that large snapshots stay quick to make.
            const std::size_t versions = i < 40 ? 8 : 2;
            for (std::size_t v = 0; v < versions; ++v) {
                const bool last = v + 1 == versions;
                if (last) tasks_[i].status = pick(statuses);
                const LocalTime at =
                    last ? changed : changed - std::chrono::minutes(13 * static_cast<int>(versions - v));
                static const std::vector<std::string> field_lists[] = {
                    {"status"}, {"owner"}, {"priority"}, {"description"}, {"restriction"}, {"note", "code"}};
                history.push_back(version(
                    task_json(i, uuid(), at), at, v % 3 == 1 ? engine::Channel::CatchUp : engine::Channel::Socket,
                    v % 3 == 1 ? engine::no_subscription : static_cast<engine::SubscriptionIndex>(1 + i % 2),
                    v == 0 ? std::vector<std::string>{}
                    : last ? field_lists[0]
                           : field_lists[v % 6]));
            }
            put(1, "Task/" + tasks_[i].id, std::move(history), task_row(i), changed, i % 9 == 2 ? 8 : 0,
                i == 11  ? engine::Standing::Checking
                : i == 2 ? engine::Standing::Unconfirmed
                         : engine::Standing::Current);
        }
        for (std::size_t i = 0; i < options_.alerts; ++i) {
            const std::string id = uuid();
            const LocalTime changed = age_of(i);
            auto row = std::make_shared<engine::Row>();
            row->cells = {
                id,        patient_name(i), "Home monitor " + std::to_string(100 + i), "Heart rate above 120 /min",
                "warning", "active"};
            const std::string json = R"({"resourceType":"Basic","id":")" + id + R"(","meta":{"versionId":")" + uuid() +
                                     R"(","lastUpdated":")" + instant(changed) +
                                     R"("},"code":{"coding":[{"code":"device-alert"}]}})";
            put(2, "Basic/" + id, {version(json, changed, engine::Channel::Socket, 3, {})}, row, changed, 0,
                engine::Standing::Current);
        }
    }

    bool in_gap(LocalTime at) const {
        return options_.gap && at > now() - std::chrono::milliseconds(207200) &&
               at < now() - std::chrono::milliseconds(195000);
    }

    void make_updates() {
        metrics_.started = now() - std::chrono::seconds(options_.seconds);
        const double step =
            static_cast<double>(options_.seconds) / static_cast<double>(std::max<std::size_t>(1, options_.updates));
        for (std::size_t i = 0; i < options_.updates; ++i) {
            const double ago = static_cast<double>(options_.updates - i) * step;
            const LocalTime at = now() - std::chrono::microseconds(static_cast<std::int64_t>(ago * 1e6));
            if (in_gap(at)) continue;
            const auto type = static_cast<engine::TypeIndex>(random() % 8 < 5 ? 1 : random() % 2 * 2);
            const std::size_t held = stores_[type].size();
            if (held == 0) continue;
            const std::uint32_t dice = random() % 1000;
            const engine::Outcome outcome = dice < 960   ? engine::Outcome::Applied
                                            : dice < 975 ? engine::Outcome::Duplicate
                                            : dice < 988 ? engine::Outcome::Superseded
                                            : dice < 997 ? engine::Outcome::OutOfOrder
                                            : dice < 998 ? engine::Outcome::Rejected
                                                         : engine::Outcome::Checking;
            add_update(type, random() % static_cast<std::uint32_t>(held), at, outcome);
            engine::UpdateRow row = rows_.back();
            const double wave = 1 + 0.2 * std::sin(ago / 31);
            const double ms =
                std::exp(std::log(38.0 * wave) + 0.55 * (unit() + unit() + unit() - 1.5) * 2) * (unit() < 0.03 ? 6 : 1);
            row.changed = ServerTime(std::chrono::milliseconds(at.time_since_epoch() / std::chrono::milliseconds(1) -
                                                               static_cast<std::int64_t>(ms)));
            row.sent = row.changed + std::chrono::milliseconds(2);
            row.dequeued =
                at + std::chrono::microseconds(200 + static_cast<std::int64_t>(unit() * unit() * unit() * 9000));
            row.size = 600 + random() % 2600;
            row.frame = i + 1 > options_.updates - std::min<std::size_t>(options_.updates, 400)
                            ? frame_base() + (i + 400 - options_.updates)
                            : UINT64_MAX;
            replace_last(row);
            if (outcome == engine::Outcome::Rejected) {
                rejections_.push_back({rows_.end() - 1, "Task/" + hex(8), "validate",
                                       engine::said("missing-version: meta.versionId is missing"), nullptr});
            }
            metrics_.all.end_to_end.record(static_cast<std::int64_t>(ms * 1000));
            metrics_.all.queued.record((row.dequeued - row.received).count());
        }
        metrics_.counters.received = rows_.size();
        metrics_.counters.rejected = metrics_.outcomes[static_cast<std::size_t>(engine::Outcome::Rejected)];
        metrics_.counters.opens = 4;
        metrics_.counters.frames_in = rows_.size();
    }

    std::uint64_t frame_base() const { return 0; }

    // Log has no way to change an entry: the last one is taken back by keeping rows in a list first.
    void replace_last(const engine::UpdateRow& row) { rows_.replace_back(row); }

    // Rows are collected in an engine::Log; the last may still be changed before it is published.
    class Rows {
    public:
        void push_back(const engine::UpdateRow& row) {
            flush();
            last_ = row;
            pending_ = true;
        }
        void replace_back(const engine::UpdateRow& row) { last_ = row; }
        const engine::UpdateRow& back() const { return last_; }
        std::size_t size() const { return log_.size() + (pending_ ? 1 : 0); }
        std::uint64_t end() const { return log_.end() + (pending_ ? 1 : 0); }
        engine::Log<engine::UpdateRow>::View publish() {
            flush();
            return log_.publish();
        }

    private:
        void flush() {
            if (pending_) {
                log_.push_back(last_);
                pending_ = false;
            }
        }
        engine::Log<engine::UpdateRow> log_;
        engine::UpdateRow last_;
        bool pending_ = false;
    };

    void make_connection() {
        using engine::ConnectionState;
        using engine::Phase;
        connection_.state = ConnectionState::Receiving;
        connection_.phase = Phase::Live;
        connection_.checks_last_minute = 3;
        connection_.check_budget = 120;
        connection_.base_url = "https://fhir.cardio.example/";
        connection_.socket_url = "wss://fhir.cardio.example/ws/subscriptions-r4";
        connection_.clock_known = true;
        connection_.clock_offset = std::chrono::microseconds(-3000);
        connection_.clock_uncertainty = std::chrono::microseconds(8000);
        const LocalTime start = now() - std::chrono::seconds(options_.seconds);
        const auto change = [&](LocalTime at, Phase from, Phase to, const std::string& reason) {
            connection_.transitions.push_back(
                {at, ConnectionState::Connecting, ConnectionState::Receiving, from, to, engine::said(reason)});
        };
        change(start, Phase::Idle, Phase::Opening, "asked to connect");
        change(start + std::chrono::milliseconds(190), Phase::Opening, Phase::Binding, "socket open");
        change(start + std::chrono::milliseconds(410), Phase::Binding, Phase::CatchingUp, "all bound");
        change(start + std::chrono::milliseconds(2100), Phase::CatchingUp, Phase::Live,
               "240 resources fetched in 1.7 s");
        if (options_.gap) {
            const LocalTime lost = now() - std::chrono::milliseconds(207200);
            change(lost, Phase::Live, Phase::BackingOff, "socket closed (1006)");
            LocalTime at = lost;
            const std::array<std::pair<int, int>, 5> tries = {
                {{460, 410}, {910, 20}, {1880, 20}, {3740, 30}, {4540, 190}}};
            for (std::size_t i = 0; i < tries.size(); ++i) {
                engine::Attempt attempt;
                attempt.wait_began = at;
                attempt.began = at + std::chrono::milliseconds(tries[i].first);
                attempt.ended = attempt.began + std::chrono::milliseconds(tries[i].second);
                attempt.limit = std::chrono::milliseconds(500 << i);
                attempt.opened = i == 4;
                const char* result = i == 0 ? "timeout" : i == 4 ? "opened" : "refused";
                attempt.result = engine::said(result);
                connection_.attempts.push_back(attempt);
                at = attempt.ended;
                change(attempt.began, Phase::BackingOff, Phase::Opening, "back-off is over");
                if (i < 4) change(attempt.ended, Phase::Opening, Phase::BackingOff, result);
                ++connection_.transition_counts[{Phase::BackingOff, Phase::Opening}];
            }
            connection_.transition_counts[{Phase::Opening, Phase::BackingOff}] = 7;
            connection_.transition_counts[{Phase::Live, Phase::BackingOff}] = 3;
            change(at, Phase::Opening, Phase::Binding, "socket open");
            change(at + std::chrono::milliseconds(200), Phase::Binding, Phase::CatchingUp, "all bound");
            change(now() - std::chrono::seconds(191), Phase::CatchingUp, Phase::Live, "37 resources fetched in 3.9 s");
            event(lost, {.code = engine::FactCode::NoRoomLeft}); // none of these is a sign of a finding
            event(now() - std::chrono::seconds(191), {.code = engine::FactCode::CheckFailed, .about = "Task"});
        }
        for (const auto& [from, to] : {std::pair{Phase::Opening, Phase::Binding},
                                       {Phase::Binding, Phase::CatchingUp},
                                       {Phase::CatchingUp, Phase::Live}})
            connection_.transition_counts[{from, to}] = 4;
        connection_.transition_counts[{Phase::Idle, Phase::Opening}] = 1;
        connection_.since = connection_.transitions.back().at;
        connection_.live_since = connection_.since;
        connection_.reason = connection_.transitions.back().reason;
        event(now() - std::chrono::seconds(134),
              {.code = engine::FactCode::RequestRepeated, .about = "Task", .name = "GET"});
        event(now() - std::chrono::seconds(41),
              {.code = engine::FactCode::DeletionPutOff, .about = "Subscription/old"});
    }

    void event(LocalTime at, engine::Fact what) { events_.push_back({at, engine::no_subscription, std::move(what)}); }

    void make_frames() {
        using engine::FrameKind;
        for (int i = 0; i < 400; ++i) {
            engine::FrameRow frame;
            frame.at = now() - std::chrono::milliseconds((400 - i) * 36 + 9);
            frame.socket = 4;
            const int kind = i % 17;
            frame.kind = kind == 3    ? FrameKind::Heartbeat
                         : kind == 9  ? FrameKind::Ping
                         : kind == 10 ? FrameKind::Pong
                                      : FrameKind::Event;
            frame.outgoing = frame.kind == FrameKind::Ping;
            std::string text = R"({"type":"pong"})";
            if (frame.kind == FrameKind::Ping) {
                text = R"({"type":"ping"})";
            } else if (frame.kind == FrameKind::Heartbeat) {
                text =
                    R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"heartbeat","subscription":{"reference":"Subscription/)" +
                    subscriptions_[1].id + R"("}}}]})";
            } else if (frame.kind == FrameKind::Event && !tasks_.empty()) {
                frame.subscription = static_cast<engine::SubscriptionIndex>(random() % 4);
                const std::size_t task = random() % tasks_.size();
                text =
                    R"({"resourceType":"Bundle","type":"history","timestamp":")" + instant(frame.at) +
                    R"(","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification","subscription":{"reference":"Subscription/)" +
                    subscriptions_[1].id + R"("},"notificationEvent":[{"eventNumber":"0","focus":{"reference":"Task/)" +
                    tasks_[task].id + R"("}}]}},{"resource":)" + task_json(task, hex(32), frame.at) + "}]}";
            }
            frame.size = static_cast<std::uint32_t>(text.size());
            frame.text = std::make_shared<const std::string>(std::move(text));
            frames_.push_back(frame);
            if (frame.kind == FrameKind::Event) last_event_frame_ = frame;
        }
    }

    void make_seconds() {
        const auto rows = rows_.publish();
        engine::SecondBucket bucket;
        std::vector<std::uint32_t> values;
        const auto finish = [&] {
            if (bucket.second == 0) return;
            std::sort(values.begin(), values.end());
            if (!values.empty()) {
                const auto at = [&](double q) {
                    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
                };
                bucket.p50 = at(0.5), bucket.p90 = at(0.9), bucket.p99 = at(0.99), bucket.max = values.back();
            }
            seconds_.push_back(bucket);
            values.clear();
        };
        for (std::uint64_t n = rows.first(); n < rows.end(); ++n) {
            const engine::UpdateRow& row = rows[n];
            const std::int64_t second =
                std::chrono::floor<std::chrono::seconds>(row.received).time_since_epoch().count();
            if (second != bucket.second) {
                finish();
                bucket = {};
                bucket.second = second;
            }
            ++bucket.updates[row.subscription];
            const auto micros = (row.dequeued.time_since_epoch() - row.changed.time_since_epoch()).count();
            ++bucket.latency[engine::SecondBucket::level_of(
                static_cast<std::uint64_t>(std::max<std::int64_t>(0, micros)))];
            values.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(0, micros)));
        }
    }

    SyntheticOptions options_;
    std::uint32_t seed_ = 77;
    std::uint64_t revision_ = 0;
    engine::FrameRow last_event_frame_;
    std::int64_t finished_second_ = 0;
    std::uint64_t edits_made_ = 0;
    std::vector<engine::PanelDefinition> panels_;
    std::vector<std::string> types_;
    std::vector<engine::Chunked<engine::RecordPtr>> stores_;
    std::vector<std::string> patient_ids_;
    std::vector<Task> tasks_;
    std::vector<engine::SubscriptionView> subscriptions_;
    engine::ConnectionView connection_;
    engine::MetricsView metrics_;
    Rows rows_;
    engine::Log<engine::StageTimes> stages_;
    engine::Log<engine::FrameRow, 256> frames_;
    engine::Log<engine::Event, 256> events_;
    engine::Log<engine::SecondBucket, 64> seconds_;
    engine::Log<engine::Rejection, 64> rejections_;
};

} // namespace fhirscope::tests
