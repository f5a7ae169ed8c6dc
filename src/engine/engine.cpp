#include "engine/engine.hpp"

#include "engine/state.hpp"
#include "engine/strategy.hpp"

#include <xxhash.h>

#include <algorithm>

namespace fhirscope::engine {
namespace {

// Changes whenever the layout of the state changes; a keyframe of another layout is refused.
constexpr std::uint64_t keyframe_magic = 0x000d'6566'7363'6f70u;

std::shared_ptr<const ServerFacts> server_facts_of(const Config& config) {
    return std::make_shared<const ServerFacts>(ServerFacts{config.fhir_path, config.dialect});
}

void on_start(State& s, const Start& start) {
    if (s.started) {
        ++s.ignored_inputs;
        return;
    }
    s.started = true;
    s.config = start.config;
    s.server_facts = server_facts_of(s.config);
    s.random = Random(s.config.seed);
    s.started_at = s.now;
    s.connection.base_url = s.config.base_url;
    s.connection.observing = !s.live();
    s.stores.set_limits(s.config.store);
    s.page_size = s.config.page_size;
    s.updates.reset(0, s.config.update_rows);
    s.stage_times.reset(0, s.config.update_rows);
    s.events.reset(0, s.config.event_rows);
    s.rejections.reset(0, s.config.rejection_rows);
    s.ended_edits.reset(0, ended_edits_kept);
    s.default_strategy = s.config.default_strategy;
    s.seconds.reset(0, 7'200);
    for (const PanelDefinition& panel : s.config.panels) {
        if (auto maker = RowMaker::make(panel))
            s.row_makers.push_back(std::move(*maker));
        else
            log_event(s, {.code = FactCode::PanelUnusable, .detail = maker.error().message});
    }
    for (const SubscriptionWish& wish : s.config.subscriptions) {
        Subscription subscription;
        subscription.view.name = wish.name;
        subscription.view.criteria = wish.criteria;
        subscription.view.since = subscription.unbound_since = s.now;
        if (s.live()) subscription.view.unheard_since = subscription.view.unheard_noticed = s.now;
        subscription.type = wish.criteria.substr(0, wish.criteria.find('?'));
        s.subscriptions.push_back(std::move(subscription));
    }
    s.by_subscription.resize(s.subscriptions.size());
    s.stage_sums.resize(s.subscriptions.size());
    if (survives_disconnect(s.config))
        log_event(s, {.code = FactCode::DialectUsed, .name = std::string(fhir::to_string(s.config.dialect.dialect))});
    if (start.known && s.live()) restore_cache(s, *start.known);
    if (s.live()) begin_connection(s, {.code = FactCode::Started});
}

void on_tick(State& s) {
    tick_requests(s);
    if (login_ended(s) && !s.leaving) { // nothing else is asked
        tick_login(s);
        return tick_connection(s);
    }
    tick_orphans(s);
    if (s.leaving) return;
    tick_connection(s);
    tick_subscriptions(s);
    tick_checkups(s);
    tick_gaps(s);
    tick_polling(s);
    tick_verify(s);
    tick_recovery(s);
}

void on_command(State& s, const Command& command) {
    struct {
        State& s;
        void operator()(const Connect&) {
            if (!s.live()) return;
            if (s.connection.phase == Phase::BackingOff || s.connection.phase == Phase::Closed ||
                s.connection.phase == Phase::Idle)
                begin_connection(s, {.code = FactCode::AskedToConnect}, Asked::ByPerson);
            if (login_ended(s) && s.login_check == 0) {
                s.connection.next_attempt = s.now;
                tick_login(s);
            }
        }
        void operator()(const Disconnect&) {
            if (!s.live()) return;
            release_all(s);
            close_connection(s, {.code = FactCode::AskedToDisconnect});
            pump_orphans(s);
        }
        void operator()(const DropSocket&) {
            if (s.live() && s.connection.socket != 0) lose_connection(s, {.code = FactCode::SocketDropped});
        }
        void operator()(const LookAt& look) { on_look(s, look); }
        void operator()(const ReadResource& read) {
            want_read(s, read.reference);
            pump_reads(s);
        }
        void operator()(const Verify&) { begin_verify(s); }
        void operator()(const AskServer& ask) { on_ask(s, ask); }
        void operator()(const Edit& edit) {
            if (!await_content(s, edit)) on_edit(s, edit);
        }
        void operator()(const Resolve& resolve) { on_resolve(s, resolve); }
        void operator()(const DiscardEdit& discard) { on_discard(s, discard); }
        void operator()(const SetDefaultStrategy& strategy) {
            if (find_strategy(strategy.name))
                s.default_strategy = strategy.name;
            else
                log_event(s, {.code = FactCode::StrategyUnknown, .name = strategy.name});
        }
        void operator()(const Leave&) { leave(s); }
    } visitor{s};
    std::visit(visitor, command);
}

// The earliest moment at which something is to be done unless an input comes before.
LocalTime next_deadline(const State& s) {
    LocalTime earliest = never;
    const auto consider = [&](LocalTime t) {
        if (t != never && (earliest == never || t < earliest)) earliest = t;
    };
    const auto consider_socket = [&] {
        if (const auto patience = silence_allowed(s)) consider(s.connection.last_frame + *patience);
        if (sends_ping(s.config))
            consider(s.unanswered_ping != never ? s.unanswered_ping + s.config.pong_timeout
                                                : s.last_ping + s.config.ping_period);
    };
    if (login_ended(s) && !s.leaving) {
        if (s.login_check == 0) consider(std::max(s.connection.next_attempt, s.hold_until));
        if (s.login_check != 0) {
            const auto check = s.requests.find(s.login_check);
            if (check != s.requests.end() && check->second.retry_at != never)
                consider(std::max(check->second.retry_at, s.hold_until));
        }
        if (s.socket_open) consider_socket();
        return earliest;
    }
    for (const auto& [id, request] : s.requests)
        if (request.retry_at != never && request.login != PendingRequest::Login::Waits)
            consider(std::max(request.retry_at, s.hold_until));
    consider(next_orphan(s));
    if (s.leaving) return earliest;
    if (!s.maybe_missed.empty()) consider(s.maybe_missed.front().due);
    consider(next_poll(s));
    consider(next_edit_due(s));
    consider(next_creation(s));
    consider(next_read(s));
    if (s.connection.phase == Phase::Live || s.connection.polling) consider(s.verification.next);
    if (s.connection.phase == Phase::BackingOff) consider(s.connection.next_attempt);
    if (!s.socket_open) return earliest;
    consider_socket();
    consider(next_gap(s));
    for (const Subscription& subscription : s.subscriptions) {
        const Binding& active = subscription.active;
        consider(bind_due(s, subscription));
        consider(renewal_due(s, subscription));
        if (active.id.empty()) continue;
        if (subscription.view.state == SubscriptionState::Live && !subscription.next && !subscription.checkup.under_way)
            consider(subscription.checkup.due);
        consider(next_count(subscription));
        consider(active.refresh_at);
        if (subscription.view.state == SubscriptionState::Refreshing)
            consider(active.bind_sent + s.config.bind_timeout);
    }
    return earliest;
}

// One timer is asked for at a time; a deadline that has moved further away is found out when the timer rings.
void ask_to_wake(State& s) {
    const LocalTime deadline = next_deadline(s);
    if (deadline == never) return;
    if (s.wake != never && s.wake > s.now && s.wake <= deadline) return;
    s.wake = deadline;
    s.effects.push_back(WakeAt{deadline});
}

template <class A, class T, std::size_t N>
void archive_log(A& a, Log<T, N>& log, std::size_t bound) {
    std::uint64_t first = log.first();
    a(first);
    const std::size_t n = a.count(log.size());
    if constexpr (A::reading) {
        log.reset(first, bound);
        for (std::size_t i = 0; i < n && a.ok(); ++i) {
            T value{};
            a(value);
            log.push_back(std::move(value));
        }
    } else {
        for (std::uint64_t i = log.first(); i < log.end(); ++i) a(log[i]);
    }
}

std::size_t memory_of_updates(const State& s) { return s.updates.size() * (sizeof(UpdateRow) + sizeof(StageTimes)); }

} // namespace

std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed) {
    return XXH3_64bits(data, size) ^ (seed * 0x9E3779B97F4A7C15u); // cheaper than XXH3 with a seed of its own
}

template <class A>
void Subscription::archive(A& a) {
    a(view.name, view.criteria, view.id, view.state, view.since, view.problem, view.created, view.token_expires,
      view.bound, view.watermark, view.audited, view.last_heartbeat, view.last_event, view.heartbeats, view.events,
      view.handshakes, view.missed_heartbeats, view.left_out, view.partial, view.unheard_since, view.unheard_noticed,
      view.unheard_why, view.silences, view.proved, view.searched, type, active, next, found, search_began,
      baseline_done, waits_for_turn, by_offset, search_sent, first_bound, counted, more_there, checkup, failures,
      successor_after, create_after, unbound_since, unsuited, listed, dialect);
}

template <class A>
void Engine::State::archive_state(A& a) {
    ConnectionView& c = connection;
    a(config, started, now, inputs, ignored_inputs, random, next_request, next_socket, requests);
    a(c.state, c.phase, c.since, c.live_since, c.reason, c.base_url, c.socket_url, c.socket, c.last_frame,
      c.next_attempt, c.transitions, c.attempts, c.transition_counts, c.clock_known, c.clock_offset,
      c.clock_uncertainty, c.polling, c.polling_since, c.poll_interval, c.observing, c.login_ended, c.login_accepted,
      c.login_problem, c.login_refusals);
    a(server_clock, socket_open, side_sockets, observed_sockets, last_ping, unanswered_ping, failed_attempts,
      live_began, connected, subscriptions, subscription_by_id, queue, stores, looked_at_type, looked_at_reference,
      reads, reads_left_out, edits_awaiting, out_of_bytes_said, reads_after, next_unhurried, maybe_missed,
      deleted_unseen, unusable, by_content, repeated_versions, flaws, gaps, orphans, orphans_after, own_ids,
      left_behind, leaving, polling, page_size, hold_until, login_check, login_renewed, verification, asked, edits,
      next_edit, conflicts, drifted, default_strategy, policy_uses, counters, all, by_subscription, by_type, by_channel,
      outcomes, second, frame_text_bytes, ended_edit_bytes, started_at, wake);
    a(updates_digest, frames_digest, events_digest, seconds_digest, rejections_digest, edits_digest);
}

Engine::Engine() : state_(std::make_unique<State>()) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Effects Engine::step(const Input& input) {
    State& s = *state_;
    s.effects.clear();
    ++s.revision;
    ++s.inputs;
    if (input.at > s.now) s.now = input.at; // time never goes back
    if (const auto* start = std::get_if<Start>(&input.body)) {
        on_start(s, *start);
    } else if (!s.started) {
        ++s.ignored_inputs;
        return {};
    } else {
        struct {
            State& s;
            void operator()(const Start&) {}
            void operator()(const HttpAnswer& i) { on_answer(s, i); }
            void operator()(const HttpFailed& i) { on_failed(s, i); }
            void operator()(const SocketOpened& i) { on_socket_opened(s, i); }
            void operator()(const SocketFailed& i) { on_socket_failed(s, i); }
            void operator()(const SocketClosed& i) { on_socket_closed(s, i); }
            void operator()(const Frame& i) { on_frame(s, i); }
            void operator()(const FrameSent& i) { on_frame_sent(s, i); }
            void operator()(const Observed& i) { on_observed(s, i); }
            void operator()(const Tick&) { on_tick(s); }
            void operator()(const Drain&) { drain(s); }
            void operator()(const Command& i) { on_command(s, i); }
        } visitor{s};
        roll_second(s);
        std::visit(visitor, input.body);
    }
    if (!s.edits.empty()) pump_edits(s);
    ask_to_wake(s);
    return std::exchange(s.effects, {});
}

bool Engine::wants_drain() const { return state_->queue.size() > 0; }

SnapshotPtr Engine::publish() {
    State& s = *state_;
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->revision = s.revision;
    snapshot->at = s.now;
    snapshot->inputs = s.inputs;
    snapshot->connection = s.connection;
    for (const Subscription& subscription : s.subscriptions) snapshot->subscriptions.push_back(subscription.view);
    snapshot->connection.unreleased = unreleased(s);
    snapshot->connection.left = has_left(s);
    snapshot->own_subscriptions = own_ids(s);
    snapshot->server = s.server_facts;
    snapshot->panels = s.config.panels;
    snapshot->stores = s.stores.publish();
    snapshot->updates = s.updates.publish();
    snapshot->stage_times = s.stage_times.publish();
    snapshot->frames = s.frames.publish();
    snapshot->events = s.events.publish();
    snapshot->seconds = s.seconds.publish();
    snapshot->rejections = s.rejections.publish();
    snapshot->conflicts = s.conflicts.publish();
    snapshot->open_conflicts = s.conflicts.open();
    snapshot->conflict_counts = s.conflicts.counts();
    for (const auto& [reference, edit] : s.edits)
        if (edit.view.pending())
            if (const Record* record = s.stores.get(reference); record && record->edit)
                snapshot->edits.push_back(record->edit);
    snapshot->ended_edits = s.ended_edits.publish();
    snapshot->policy_uses = s.policy_uses;
    snapshot->default_strategy = s.default_strategy;
    MetricsView& m = snapshot->metrics;
    m.counters = s.counters;
    m.counters.dropped_versions = s.stores.dropped_versions();
    m.all = s.all;
    m.by_subscription = s.by_subscription;
    m.by_type = s.by_type;
    m.by_channel = s.by_channel;
    m.stages = s.stage_histograms;
    m.outcomes = s.outcomes;
    m.stage_nanos_by_subscription = s.stage_sums;
    m.started = s.started_at;
    m.connected = s.connected;
    if (s.connection.phase == Phase::Live) m.connected += s.now - s.live_began;
    snapshot->verify = s.verification.view;
    for (const auto& [key, flaw] : s.flaws) snapshot->flaws.push_back(flaw);
    for (const auto& [type, repeats] : s.repeated_versions) snapshot->repeated_versions.emplace_back(type, repeats);
    snapshot->asked = s.asked;
    snapshot->queue_size = s.queue.size();
    snapshot->queue_bytes = s.queue.bytes();
    snapshot->queue_peak = s.queue.peak();
    snapshot->requests_open = s.requests.size() + s.reads.size();
    snapshot->memory_resources = s.stores.shown_bytes();
    snapshot->memory_bound = s.config.store.max_resource_bytes;
    snapshot->keys_only = s.stores.keys_only();
    snapshot->memory_history = s.stores.history_bytes();
    snapshot->memory_updates = memory_of_updates(s);
    snapshot->memory_frames = s.frame_text_bytes + s.frames.size() * sizeof(FrameRow);
    return snapshot;
}

std::uint64_t Engine::state_hash() const {
    ArchiveHasher hasher;
    state_->archive_state(hasher);
    return hasher.value();
}

std::string Engine::keyframe() const {
    State& s = *state_;
    std::string bytes;
    ArchiveWriter a(bytes);
    a(keyframe_magic);
    s.archive_state(a);
    archive_log(a, s.updates, 0);
    archive_log(a, s.frames, 0);
    archive_log(a, s.events, 0);
    archive_log(a, s.seconds, 0);
    archive_log(a, s.rejections, 0);
    archive_log(a, s.ended_edits, 0);
    return bytes;
}

Result<Engine> Engine::restore(std::string_view keyframe) {
    Engine engine;
    State& s = *engine.state_;
    ArchiveReader a(keyframe);
    std::uint64_t magic = 0;
    a(magic);
    if (!a.ok() || magic != keyframe_magic)
        return fail(ErrorCode::Damaged, "this is not a keyframe of this version of fhirscope");
    s.archive_state(a);
    archive_log(a, s.updates, s.config.update_rows);
    archive_log(a, s.frames, SIZE_MAX / 2);
    archive_log(a, s.events, s.config.event_rows);
    archive_log(a, s.seconds, 7'200);
    archive_log(a, s.rejections, s.config.rejection_rows);
    archive_log(a, s.ended_edits, ended_edits_kept);
    if (!a.ok() || !a.at_end())
        return fail(ErrorCode::Damaged, "the keyframe is damaged (" + std::to_string(keyframe.size()) + " bytes)");
    // Stage times are observations of the run that made them; the rows stay parallel.
    s.stage_times.reset(s.updates.first(), s.config.update_rows);
    for (std::uint64_t i = s.updates.first(); i < s.updates.end(); ++i) s.stage_times.push_back({});
    s.stage_sums.resize(s.subscriptions.size());
    s.server_facts = server_facts_of(s.config);
    for (const PanelDefinition& panel : s.config.panels)
        if (auto maker = RowMaker::make(panel)) s.row_makers.push_back(std::move(*maker));
    for (auto& [reference, edit] : s.edits) show_edit(s, edit);
    return engine;
}

void Engine::set_stage_clock(StageClock clock) { state_->clock = clock; }
ObserverId Engine::observe(Interest interest, std::function<void(const Change&)> call) {
    return state_->stores.observe(std::move(interest), std::move(call));
}
void Engine::forget(ObserverId id) { state_->stores.forget(id); }

std::string hash_text(std::uint64_t hash) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; hash >>= 4) text[i] = digits[hash & 15];
    return text;
}

} // namespace fhirscope::engine
