#include "engine/engine.hpp"

#include "engine/connection/answers.hpp"
#include "engine/connection/connection.hpp"
#include "engine/connection/login.hpp"
#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/polling.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/metrics.hpp"
#include "engine/core/run.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/dialect/numbers.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/edits/edit_commands.hpp"
#include "engine/edits/edit_conflicts.hpp"
#include "engine/edits/edits.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "engine/recovery/ask.hpp"
#include "engine/recovery/cache.hpp"
#include "engine/recovery/contents.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/subscriptions.hpp"

#include <xxhash.h>

#include <algorithm>

namespace fhirscope::engine {
namespace {

// Changes whenever the layout of the state changes; a keyframe of another layout is refused.
constexpr std::uint64_t keyframe_magic = 0x0014'6566'7363'6f70u;

// What follows from the configuration, and is in no keyframe. Tells what is wrong with it.
std::vector<Error> configure(State& s) {
    s.run->server_facts = std::make_shared<const ServerFacts>(ServerFacts{s.config.fhir_path, s.config.dialect});
    limit_logs(s);
    return make_row_makers(s);
}

void on_start(State& s, const Start& start) {
    if (s.run->started) {
        ++s.run->ignored_inputs;
        return;
    }
    s.run->started = true;
    s.config = start.config;
    s.sockets->jitter = Random(s.config.seed);
    s.metrics->started = s.now;
    s.connection.base_url = s.config.base_url;
    s.connection.observing = !s.live();
    s.stores.set_limits(s.config.store);
    s.recovery->page_size = s.config.page_size;
    s.conflicts->default_strategy = s.config.default_strategy;
    for (const Error& error : configure(s)) log_event(s, {.code = FactCode::PanelUnusable, .detail = error.message});
    want_subscriptions(s);
    if (survives_disconnect(s.config))
        log_event(s, {.code = FactCode::DialectUsed, .name = std::string(fhir::to_string(s.config.dialect.dialect))});
    if (start.known && s.live()) restore_cache(s, *start.known);
    if (s.live()) begin_connection(s, {.code = FactCode::Started});
}

// When a part may do something by itself: while its login has ended a session asks nothing else, and one that ends
// begins nothing more.
enum When : unsigned { InSession = 1, WithoutLogin = 2, Leaving = 4 };

When now_is(const State& s) {
    if (s.leaving) return Leaving;
    return s.login_ended() ? WithoutLogin : InSession;
}

// What a part does when its time has come, and when that is.
struct Timed {
    unsigned when;
    void (*tick)(State&); // null: it is asked after every input
    LocalTime (*next)(const State&);
};

constexpr Timed timed[] = {
    {InSession | WithoutLogin | Leaving, tick_requests, next_request},
    {WithoutLogin, tick_login, next_login},
    {InSession | Leaving, tick_orphans, next_orphan},
    {InSession | WithoutLogin, tick_connection, next_connection},
    {InSession, tick_subscriptions, next_subscription},
    {InSession, tick_checkups, next_checkup},
    {InSession, tick_gaps, next_gap},
    {InSession, tick_observed, next_observed},
    {InSession, tick_untold, next_untold},
    {InSession, tick_polling, next_poll},
    {InSession, tick_verify, next_verify},
    {InSession, tick_recovery, next_recovery},
    {InSession, nullptr, next_edit},
};

void on_tick(State& s) {
    for (const Timed& part : timed)
        if (part.tick && (part.when & now_is(s))) part.tick(s);
}

void on_command(State& s, const Command& command) {
    struct {
        State& s;
        void operator()(const Connect&) {
            if (!s.live()) return;
            if (s.connection.phase == Phase::BackingOff || s.connection.phase == Phase::Closed ||
                s.connection.phase == Phase::Idle)
                begin_connection(s, {.code = FactCode::AskedToConnect}, Asked::ByPerson);
            ask_login_now(s);
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
        void operator()(const SetFocus& focus) { on_focus(s, focus); }
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
        void operator()(const SetDefaultStrategy& strategy) { set_default_strategy(s, strategy.name); }
        void operator()(const Leave&) { leave(s); }
    } visitor{s};
    std::visit(visitor, command);
}

// One timer is asked for at a time; a deadline that has moved further away is found out when the timer rings.
void ask_to_wake(State& s) {
    LocalTime deadline = never;
    for (const Timed& part : timed)
        if (part.when & now_is(s)) deadline = earlier(deadline, part.next(s));
    if (deadline == never) return;
    if (s.run->wake != never && s.run->wake > s.now && s.run->wake <= deadline) return;
    s.run->wake = deadline;
    s.effects.push_back(WakeAt{deadline});
}

std::size_t memory_of_updates(const State& s) {
    return s.journal->updates.size() * (sizeof(UpdateRow) + sizeof(StageTimes));
}

} // namespace

std::uint64_t hash_bytes(const void* data, std::size_t size, std::uint64_t seed) {
    return XXH3_64bits(data, size) ^ (seed * 0x9E3779B97F4A7C15u); // cheaper than XXH3 with a seed of its own
}

Engine::Engine() : state_(std::make_unique<State>()) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Effects Engine::step(const Input& input) {
    State& s = *state_;
    s.effects.clear();
    ++s.run->revision;
    ++s.run->inputs;
    if (input.at > s.now) s.now = input.at; // time never goes back
    if (const auto* resumed = std::get_if<Resumed>(&input.body)) {
        take_over(*resumed);
        return {};
    } else if (const auto* start = std::get_if<Start>(&input.body)) {
        on_start(s, *start);
    } else if (!s.run->started) {
        ++s.run->ignored_inputs;
        return {};
    } else {
        struct {
            State& s;
            void operator()(const Start&) {}
            void operator()(const Resumed&) {}
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
            // What looks like silence of the server then is none.
            void operator()(const Woken& i) { log_event(s, {.code = FactCode::WokenLate, .duration = i.slept}); }
        } visitor{s};
        roll_second(s);
        std::visit(visitor, input.body);
    }
    if (!s.edits->pending.empty()) pump_edits(s);
    ask_to_wake(s);
    return std::exchange(s.effects, {});
}

// In the place of a state to which nothing has come yet.
void Engine::take_over(const Resumed& resumed) {
    if (!state_->run->started && resumed.keyframe)
        if (auto engine = restore(*resumed.keyframe)) {
            state_ = std::move(engine->state_);
            return;
        }
    ++state_->run->ignored_inputs;
}

bool Engine::wants_drain() const { return state_->queue.size() > 0; }

SnapshotPtr Engine::publish() {
    State& s = *state_;
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->revision = s.run->revision;
    snapshot->at = s.now;
    snapshot->inputs = s.run->inputs;
    snapshot->connection = s.connection;
    for (const Subscription& subscription : s.subscriptions) snapshot->subscriptions.push_back(subscription.view);
    snapshot->connection.unreleased = unreleased(s);
    snapshot->connection.left = has_left(s);
    show_checks(s, snapshot->connection);
    snapshot->own_subscriptions = own_ids(s);
    snapshot->untold = untold_of(s);
    snapshot->untold_left_out = s.observation->left_out;
    snapshot->server = s.run->server_facts;
    snapshot->panels = s.config.panels;
    snapshot->stores = s.stores.publish();
    snapshot->updates = s.journal->updates.publish();
    snapshot->stage_times = s.journal->stage_times.publish();
    snapshot->frames = s.journal->frames.publish();
    snapshot->events = s.journal->events.publish();
    snapshot->seconds = s.metrics->seconds.publish();
    snapshot->rejections = s.journal->rejections.publish();
    snapshot->failed_requests = s.journal->failed_requests.publish();
    snapshot->conflicts = s.conflicts->store.publish();
    snapshot->open_conflicts = s.conflicts->store.open();
    snapshot->conflict_counts = s.conflicts->store.counts();
    for (const auto& [reference, edit] : s.edits->pending)
        if (edit.view.pending())
            if (const Record* record = s.stores.get(reference); record && record->edit)
                snapshot->edits.push_back(record->edit);
    snapshot->ended_edits = s.journal->ended_edits.publish();
    snapshot->policy_uses = s.conflicts->policy_uses;
    snapshot->default_strategy = s.conflicts->default_strategy;
    show_metrics(s, snapshot->metrics);
    snapshot->metrics.connected = connected_time(s);
    snapshot->verify = s.verification->view;
    for (const auto& [key, flaw] : s.versions->flaws) snapshot->flaws.push_back(flaw);
    for (const auto& [type, repeats] : s.versions->repeated) snapshot->repeated_versions.emplace_back(type, repeats);
    snapshot->asked = s.asking->view;
    snapshot->queue_size = s.queue.size();
    snapshot->queue_bytes = s.queue.bytes();
    snapshot->queue_peak = s.queue.peak();
    snapshot->requests_open = s.requests.open.size() + s.reads->wanted.size();
    snapshot->memory_resources = s.stores.shown_bytes();
    snapshot->memory_bound = s.config.store.max_resource_bytes;
    snapshot->keys_only = s.stores.keys_only();
    snapshot->memory_history = s.stores.history_bytes();
    snapshot->memory_updates = memory_of_updates(s);
    snapshot->memory_frames = s.journal->frame_text_bytes + s.journal->frames.size() * sizeof(FrameRow);
    return snapshot;
}

std::uint64_t Engine::state_hash() const {
    ArchiveHasher hasher;
    state_->archive(hasher);
    return hasher.value();
}

std::string Engine::keyframe() const {
    std::string bytes;
    ArchiveWriter writer(bytes);
    writer(keyframe_magic);
    state_->archive(writer);
    return bytes;
}

bool Engine::can_restore(std::string_view keyframe) {
    ArchiveReader reader(keyframe);
    std::uint64_t magic = 0;
    reader(magic);
    return reader.ok() && magic == keyframe_magic;
}

Result<Engine> Engine::restore(std::string_view keyframe) {
    Engine engine;
    State& s = *engine.state_;
    ArchiveReader reader(keyframe);
    std::uint64_t magic = 0;
    reader(magic);
    if (!can_restore(keyframe)) return fail(ErrorCode::Damaged, "this is not a keyframe of this version of fhirscope");
    s.archive(reader);
    if (!reader.ok() || !reader.at_end())
        return fail(ErrorCode::Damaged, "the keyframe is damaged (" + std::to_string(keyframe.size()) + " bytes)");
    configure(s); // what is wrong with the configuration was told when it began
    restore_times(s);
    measure_subscriptions(s);
    for (auto& [reference, edit] : s.edits->pending) show_edit(s, edit);
    s.run->revision = s.run->inputs;
    return engine;
}

Engine::Kept Engine::keep() const {
    Kept kept;
    kept.shared = std::make_shared<const State>(*state_);
    return kept;
}

Engine::Kept Engine::pack(const Kept& kept, Packed what) {
    auto state = std::make_shared<State>(*kept.shared);
    Kept packed;
    ArchiveWriter writer(packed.bytes);
    write_frames(*state, writer);
    packed.with_stores = what == Packed::FramesAndStores;
    if (packed.with_stores) {
        writer(state->stores);
        state->stores = Stores();
    }
    packed.shared = std::move(state);
    return packed;
}

Result<Engine> Engine::resume(const Kept& kept) {
    Engine engine;
    engine.state_ = std::make_unique<State>(*kept.shared);
    State& s = *engine.state_;
    if (!kept.bytes.empty()) {
        ArchiveReader reader(kept.bytes);
        read_frames(s, reader);
        if (kept.with_stores) reader(s.stores);
        if (!reader.ok() || !reader.at_end()) return fail(ErrorCode::Damaged, "a moment that was kept is damaged");
    }
    if (!kept.with_stores) s.stores.rebuild_index();
    if (kept.with_stores)
        for (auto& [reference, edit] : s.edits->pending) show_edit(s, edit);
    return engine;
}

std::uint64_t Engine::inputs() const { return state_->run->inputs; }
LocalTime Engine::at() const { return state_->now; }
const Counters& Engine::counters() const { return state_->counters; }
Engine::Weight Engine::weight() const {
    return {state_->stores.shown_bytes() + state_->stores.history_bytes(), state_->counters.bytes_in};
}
void Engine::set_revision(std::uint64_t revision) { state_->run->revision = revision; }
std::optional<std::uint64_t> Engine::first_text_to_read() const {
    const auto& frames = state_->journal->frames;
    for (std::uint64_t n = frames.first(); n < frames.end(); ++n)
        if (frames[n].has_to_be_read()) return frames[n].input;
    return std::nullopt;
}
void Engine::put_texts(const std::function<Text(std::uint64_t input)>& text_of) { put_frame_texts(*state_, text_of); }

void Engine::set_stage_clock(StageClock clock) { state_->metrics->clock = clock; }
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
