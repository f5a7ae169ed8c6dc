#pragma once
// Snapshots in a row, as a window would look at them: made by hand, or by an engine in virtual time.

#include "diagnosis/diagnosis.hpp"
#include "simulation/virtual_world.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace fhirscope::tests {

using namespace std::chrono_literals;
using diagnosis::Diagnosis;
using diagnosis::FindingPtr;
using engine::Fact;
using engine::FactCode;
using engine::Snapshot;

inline Fact closed(std::uint16_t code, std::string reason = {}) {
    return {.code = FactCode::SocketClosed, .words = std::move(reason), .status = code};
}
inline Fact answered(std::uint16_t status, std::string words = {}) {
    return {.code = FactCode::Answered, .words = std::move(words), .status = status};
}

// Task/t1 as a server sends it; `time` of the day of Stage::start().
inline std::string task(const std::string& version, const std::string& status, const std::string& time = "10:00:00") {
    return R"({"resourceType":"Task","id":"t1","meta":{"versionId":")" + version + R"(","lastUpdated":"2026-03-12T)" +
           time + R"(.000Z"},"status":")" + status + R"(","intent":"order"})";
}

inline FindingPtr open_one(const Diagnosis& diagnosis, std::string_view id, std::string_view subject = "*") {
    for (const FindingPtr& finding : diagnosis.open())
        if (finding->id == id && (subject == "*" || finding->subject == subject)) return finding;
    return nullptr;
}
inline FindingPtr closed_one(const Diagnosis& diagnosis, std::string_view id) {
    for (const FindingPtr& finding : diagnosis.closed())
        if (finding->id == id) return finding;
    return nullptr;
}

// A snapshot that is changed from one look to the next.
class Stage {
public:
    Stage() {
        next_.at = start();
        next_.metrics.started = start() - 1h;
        next_.connection.phase = engine::Phase::Live;
        next_.connection.state = engine::ConnectionState::Receiving;
        next_.connection.live_since = next_.connection.since = start() - 30min;
        next_.connection.last_frame = start();
        subscribe("Task");
    }
    static LocalTime start() { return LocalTime(std::chrono::seconds(1'773'325'927)); }
    LocalTime now() const { return next_.at; }
    Snapshot& next() { return next_; }
    engine::SubscriptionView& subscription(std::size_t i = 0) { return next_.subscriptions.at(i); }

    void subscribe(const std::string& criteria) {
        engine::SubscriptionView view;
        view.name = view.criteria = criteria;
        view.id = "s" + std::to_string(next_.subscriptions.size() + 1);
        view.state = engine::SubscriptionState::Live;
        view.created = view.bound = view.since = start() - 30min;
        view.events = 10;
        view.last_event = view.last_heartbeat = start();
        for (int i = 12; i-- > 0;) view.heartbeats.push_back(start() - i * 10s);
        next_.subscriptions.push_back(std::move(view));
    }
    void say(Fact what, engine::SubscriptionIndex of = engine::no_subscription) {
        events_.push_back({next_.at, of, std::move(what)});
    }
    void say_problem(const Fact& problem, engine::SubscriptionIndex of = 0) {
        say(Fact{.code = FactCode::SubscriptionProblem, .about = subscription(of).criteria}.because(problem), of);
    }
    std::uint64_t frame(engine::FrameKind kind, std::string text,
                        engine::SubscriptionIndex of = engine::no_subscription) {
        engine::FrameRow row;
        row.at = next_.at;
        row.kind = kind;
        row.subscription = of;
        row.text = std::make_shared<const std::string>(std::move(text));
        frames_.push_back(std::move(row));
        ++frame_count_;
        return frame_count_ - 1;
    }
    // A record with one version, Current.
    std::uint32_t hold(const std::string& json, engine::Channel channel = engine::Channel::Socket) {
        if (next_.stores.empty()) next_.stores.push_back({"Task", {}, 0});
        auto record = std::make_shared<engine::Record>();
        auto version = made(json, channel);
        record->reference = version->resource->reference();
        record->index = static_cast<std::uint32_t>(records_.size());
        record->history.push_back(std::move(version));
        record->changed_at = record->confirmed_at = next_.at;
        record->row = std::make_shared<engine::Row>();
        records_.push_back(record);
        return record->index;
    }
    void change(std::uint32_t index, const std::function<void(engine::Record&)>& change) {
        auto record = std::make_shared<engine::Record>(*records_[index]);
        change(*record);
        records_.set(index, std::move(record));
    }
    void next_version(std::uint32_t index, const std::string& json, engine::Channel channel) {
        auto version = made(json, channel);
        version->update = updates_count_;
        change(index, [&](engine::Record& record) {
            record.history.push_back(version);
            record.changed_at = record.confirmed_at = next_.at;
        });
        engine::UpdateRow row = update(index, channel, engine::Outcome::Applied);
        row.changed = version->last_updated.value_or(ServerTime{});
        push(row);
    }
    engine::UpdateRow update(std::uint32_t index, engine::Channel channel, engine::Outcome outcome) const {
        engine::UpdateRow row;
        row.received = row.dequeued = next_.at;
        row.type = 0;
        row.record = index;
        row.channel = channel;
        row.outcome = outcome;
        row.subscription = channel == engine::Channel::Socket ? 0 : engine::no_subscription;
        row.version[0] = '1';
        return row;
    }
    void push(const engine::UpdateRow& row, engine::StageTimes times = {}) {
        updates_.push_back(row);
        times_.push_back(times);
        ++updates_count_;
    }
    void second(engine::SecondBucket bucket) { seconds_.push_back(bucket); }
    void fail(engine::FailedRequest request) { failed_.push_back(std::move(request)); }
    void reject(engine::Rejection rejection) { rejections_.push_back(std::move(rejection)); }
    void conflict(engine::Conflict conflict) {
        conflicts_.push_back(std::make_shared<const engine::Conflict>(std::move(conflict)));
    }
    void resolve_conflicts() { conflicts_.clear(); }
    void lose(const Fact& reason = closed(1006)) {
        engine::ConnectionView& c = next_.connection;
        c.transitions.push_back(
            {next_.at, c.state, engine::ConnectionState::Disconnected, c.phase, engine::Phase::BackingOff, reason});
        c.phase = engine::Phase::BackingOff;
        c.state = engine::ConnectionState::Disconnected;
        c.since = next_.at;
        c.reason = reason;
        say(Fact{.code = FactCode::ConnectionDown,
                 .from = static_cast<std::int64_t>(engine::Phase::Live),
                 .to = static_cast<std::int64_t>(engine::Phase::BackingOff)}
                .because(reason));
        for (auto& subscription : next_.subscriptions) {
            subscription.unheard_since = subscription.unheard_noticed = next_.at;
            subscription.unheard_why = reason;
        }
    }
    void come_back() {
        engine::ConnectionView& c = next_.connection;
        c.transitions.push_back({next_.at,
                                 c.state,
                                 engine::ConnectionState::Receiving,
                                 c.phase,
                                 engine::Phase::Live,
                                 {.code = FactCode::CaughtUp}});
        c.phase = engine::Phase::Live;
        c.state = engine::ConnectionState::Receiving;
        c.since = c.live_since = next_.at;
        for (auto& subscription : next_.subscriptions) {
            subscription.bound = next_.at;
            subscription.silences.push_back(
                {subscription.unheard_since, subscription.unheard_noticed, next_.at, subscription.unheard_why});
            subscription.unheard_since = {};
        }
    }

    engine::SnapshotPtr publish() {
        ++next_.revision;
        ++next_.inputs;
        next_.updates = updates_.publish();
        next_.stage_times = times_.publish();
        next_.frames = frames_.publish();
        next_.events = events_.publish();
        next_.seconds = seconds_.publish();
        next_.rejections = rejections_.publish();
        next_.failed_requests = failed_.publish();
        next_.conflicts = conflicts_.publish();
        if (!next_.stores.empty()) next_.stores[0].records = records_.publish();
        return std::make_shared<const Snapshot>(next_);
    }
    const Diagnosis& look() {
        diagnosis.update(publish());
        return diagnosis;
    }
    const Diagnosis& look_after(std::chrono::microseconds later) {
        next_.at += later;
        return look();
    }
    // What is heard goes on, so that nothing else is found.
    void beat() {
        next_.connection.last_frame = next_.at;
        for (auto& subscription : next_.subscriptions) {
            subscription.last_heartbeat = next_.at;
            subscription.heartbeats.push_back(next_.at);
        }
    }
    Diagnosis diagnosis;

private:
    static std::shared_ptr<engine::Version> made(const std::string& json, engine::Channel channel) {
        auto version = std::make_shared<engine::Version>();
        version->resource = fhir::parse_resource(json).value();
        version->last_updated = version->resource->last_updated();
        version->channel = channel;
        return version;
    }
    Snapshot next_;
    engine::Log<engine::UpdateRow> updates_;
    engine::Log<engine::StageTimes> times_;
    engine::Log<engine::FrameRow, 256> frames_;
    engine::Log<engine::Event, 256> events_;
    engine::Log<engine::SecondBucket, 64> seconds_;
    engine::Log<engine::Rejection, 64> rejections_;
    engine::Log<engine::FailedRequest, 64> failed_;
    engine::Chunked<engine::ConflictPtr> conflicts_;
    engine::Chunked<engine::RecordPtr> records_;
    std::uint64_t frame_count_ = 0, updates_count_ = 0;
};

// Looks at a world's first client once a second of virtual time.
class Watch {
public:
    explicit Watch(simulation::VirtualWorld& world) : world_(world) {}
    void run_for(std::chrono::seconds time) {
        for (; time.count() > 0; time -= 1s) {
            world_.run_for(1s);
            look();
        }
    }
    bool run_until_found(std::string_view id, std::chrono::seconds limit) {
        for (; limit.count() > 0; limit -= 1s) {
            run_for(1s);
            if (open_one(diagnosis, id)) return true;
        }
        return false;
    }
    bool run_until_closed(std::string_view id, std::chrono::seconds limit) {
        for (; limit.count() > 0; limit -= 1s) {
            run_for(1s);
            if (!open_one(diagnosis, id) && closed_one(diagnosis, id)) return true;
        }
        return false;
    }
    void look() {
        diagnosis.update(world_.engine().publish());
        for (const FindingPtr& finding : diagnosis.open()) seen.emplace(finding->id);
    }
    Diagnosis diagnosis;
    std::set<std::string> seen; // ids of all that ever were open

private:
    simulation::VirtualWorld& world_;
};

} // namespace fhirscope::tests
