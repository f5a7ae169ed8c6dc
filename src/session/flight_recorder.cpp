#include "session/flight_recorder.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace fhirscope::session {

namespace {

using Steady = std::chrono::steady_clock;

// Keeping states takes no more of the engine's time than one part in so many.
constexpr int share_of_time = 1'000;

} // namespace

FlightRecorder::FlightRecorder(FlightOptions options) : options_(options) {
    thread_ = std::thread([this] { make_small_ones(); });
    pthread_setname_np(thread_.native_handle(), "flight");
}

FlightRecorder::~FlightRecorder() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
        work_.notify_all();
    }
    thread_.join();
}

void FlightRecorder::between(engine::Engine& engine) {
    if (is_asked_.load()) answer(engine);
    const std::uint64_t inputs = end();
    if (inputs == 0) return;
    const LocalTime now = last();
    if (stretch_at_ == LocalTime{}) stretch_at_ = now;
    const std::size_t kept = KeptInputs::bytes(), grown = kept - std::min(kept, stretch_began_with_);
    const bool is_due = now - stretch_at_ >= options_.stretch || grown >= options_.stretch_bytes;
    if (is_due && inputs > stretch_first_ && now - stretch_at_ >= keeping_took_ * share_of_time) {
        begin_stretch(engine);
        drop_oldest(now);
    }
}

void FlightRecorder::begin_stretch(engine::Engine& engine) {
    const auto began = Steady::now();
    Stretch stretch;
    stretch.first = end_batch();
    stretch.at = last();
    stretch.state = engine.keep();
    keeping_took_ = Steady::now() - began;
    stretch_first_ = stretch.first;
    stretch_at_ = stretch.at;
    stretch_began_with_ = KeptInputs::bytes();
    const Lock lock(mutex_);
    stretches_.push_back(std::move(stretch));
    work_.notify_all();
}

// Whole stretches, so that what is left begins with a state.
void FlightRecorder::drop_oldest(LocalTime now) {
    for (;;) {
        std::uint64_t from = 0;
        Stretch gone;
        {
            const std::size_t kept = bytes();
            const Lock lock(mutex_);
            // The oldest stretch is the one before stretches_.front(), unless that was given up before.
            const bool is_whole = begin() == 0;
            const std::size_t next = is_whole ? 0 : 1;
            if (stretches_.size() <= next) return;
            const Stretch& follows = stretches_[next];
            if (kept <= options_.most_bytes && now - follows.at < options_.longest) return;
            from = follows.first;
            if (!is_whole) {
                gone = std::move(stretches_.front());
                stretches_.pop_front();
            }
        }
        drop_before(from);
    }
}

void FlightRecorder::mark(std::function<void(const Mark&)> call) {
    const Lock lock(mutex_);
    asked_.push_back(std::move(call));
    is_asked_ = true;
}

void FlightRecorder::answer(engine::Engine& engine) {
    std::vector<std::function<void(const Mark&)>> asked;
    {
        const Lock lock(mutex_);
        asked.swap(asked_);
        is_asked_ = false;
    }
    const Mark mark{end(), engine.state_hash(), engine.counters(), engine.keep()};
    for (const auto& call : asked) call(mark);
}

std::optional<Keyframe> FlightRecorder::keyframe_before(std::uint64_t from) const {
    Stretch found;
    {
        const Lock lock(mutex_);
        const auto after =
            std::upper_bound(stretches_.begin(), stretches_.end(), from,
                             [](std::uint64_t number, const Stretch& stretch) { return number < stretch.first; });
        if (after == stretches_.begin()) return std::nullopt;
        found = *std::prev(after);
    }
    if (found.small) {
        auto whole = found.small->unpack();
        if (!whole) return std::nullopt;
        found.state = std::move(*whole);
    }
    return Keyframe{found.first, "", std::move(found.state)};
}

std::size_t FlightRecorder::bytes() const {
    std::size_t bytes = KeptInputs::bytes();
    const Lock lock(mutex_);
    for (const Stretch& stretch : stretches_)
        if (stretch.small) bytes += stretch.small->kept.bytes.size();
    return bytes;
}

// A state that is shared holds what the engine gives up meanwhile, so it is made small soon.
void FlightRecorder::make_small_ones() {
    for (;;) {
        std::uint64_t number = 0;
        engine::Engine::Kept state;
        {
            Lock lock(mutex_);
            auto large = stretches_.end();
            for (;;) {
                if (stopping_) return;
                large = std::find_if(stretches_.begin(), stretches_.end(),
                                     [](const Stretch& stretch) { return !stretch.small; });
                if (large != stretches_.end()) break;
                work_.wait(lock);
            }
            number = large->first;
            state = large->state;
        }
        SmallMoment small = make_small(state, engine::Engine::Packed::FramesAndStores);
        state = {};
        Lock lock(mutex_);
        for (Stretch& stretch : stretches_)
            if (stretch.first == number) {
                std::swap(stretch.state, state); // given up behind the lock
                stretch.small = std::move(small);
            }
        lock.unlock();
    }
}

} // namespace fhirscope::session
