#include "app/later_recording.hpp"

#include "app/command_line.hpp"
#include "app/wall_clock.hpp"

#include <pthread.h>

#include <utility>

namespace fhirscope::app {

namespace {

// With the recorder's own 50 ms this is what `kill -9` takes.
constexpr std::chrono::milliseconds follows_every{20};
constexpr std::size_t largest_beginning = 240u << 20; // a batch of a session file must hold it

} // namespace

LaterRecording::LaterRecording(std::string path, std::string server, std::shared_ptr<session::FlightRecorder> kept,
                               From from)
    : path_(std::move(path)),
      server_(std::move(server)),
      kept_(std::move(kept)),
      from_(from),
      since_(from == From::Kept ? kept_->first() : wall_clock()) {
    if (from_ == From::Now)
        kept_->mark([wish = wish_](const session::FlightRecorder::Mark& mark) {
            const Lock lock(wish->mutex);
            wish->begins = mark;
            wish->changed.notify_all();
        });
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "recording");
}

LaterRecording::~LaterRecording() { finish(std::nullopt); }

void LaterRecording::stop() {
    kept_->mark([wish = wish_](const session::FlightRecorder::Mark& mark) {
        const Lock lock(wish->mutex);
        if (wish->until) return;
        wish->until = mark.inputs;
        wish->ending = {mark.state_hash, mark.counters};
        wish->changed.notify_all();
    });
}

bool LaterRecording::finish(const std::optional<session::Ending>& ending) {
    {
        const Lock lock(wish_->mutex);
        if (!wish_->until) {
            wish_->until = kept_->end();
            if (ending) wish_->ending = *ending;
        }
        wish_->changed.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    return !failed_;
}

void LaterRecording::run() {
    if (auto written = write(); !written) {
        failed_ = true;
        complain(written.error().message);
    }
    over_ = true;
}

Result<std::uint64_t> LaterRecording::begin(session::Recorder& recorder) {
    std::optional<session::Keyframe> state;
    if (from_ == From::Now) {
        Lock lock(wish_->mutex);
        while (!wish_->begins && !wish_->until) wish_->changed.wait(lock);
        if (wish_->begins) state = session::Keyframe{wish_->begins->inputs, "", std::move(wish_->begins->state)};
        wish_->begins.reset();
    } else if (const std::uint64_t first = kept_->begin(); first > 0) {
        state = kept_->keyframe_before(first);
        if (!state) return fail(ErrorCode::Missing, "what led to the first moment that is kept has just been given up");
    }
    if (!state || state->inputs == 0) return 0;
    auto engine = state->engine();
    if (!engine) return tl::unexpected(engine.error());
    std::string keyframe = engine->keyframe();
    if (keyframe.size() > largest_beginning)
        return fail(ErrorCode::TooLarge, "the state of this session is too large for the beginning of a recording (" +
                                             std::to_string(keyframe.size() >> 20) +
                                             " MB). Record from the start, with --record.");
    recorder.add({engine->at(), engine::Resumed{engine::make_text(std::move(keyframe))}});
    return state->inputs;
}

Result<void> LaterRecording::write() {
    session::RecorderOptions options{.tool_version = version(), .server = server_, .created = wall_clock()};
    options.on_error = [](const Error& error) { complain(error.message); };
    auto recorder = session::Recorder::create(path_, std::move(options));
    if (!recorder) return tl::unexpected(recorder.error());
    const auto first = begin(**recorder);
    if (!first) return tl::unexpected(first.error());
    for (std::uint64_t next = *first;;) {
        std::optional<std::uint64_t> until;
        std::uint64_t there = 0; // looked at first: the end that is wanted is not before it
        {
            Lock lock(wish_->mutex);
            if (!wish_->until) wish_->changed.wait_for(lock, follows_every);
            there = kept_->end();
            until = wish_->until;
        }
        const std::uint64_t goal = until.value_or(there);
        if (next < goal) {
            const auto read = kept_->for_each(next, [&](const engine::Input& input) {
                (*recorder)->add(input);
                return ++next < goal && !(*recorder)->failed();
            });
            if (!read) return read;
        }
        if ((*recorder)->failed()) break;
        if (until && next >= *until) break;
    }
    const Lock lock(wish_->mutex);
    return (*recorder)->close(wish_->ending);
}

} // namespace fhirscope::app
