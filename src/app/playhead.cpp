#include "app/playhead.hpp"

#include "fhir/assert.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace fhirscope::app {

namespace {

using namespace std::chrono_literals;

constexpr auto frame = 16ms;    // between two pictures while it plays
constexpr auto slice = 40ms;    // longest work between two pictures
constexpr auto growing = 250ms; // between two pictures of a file that is being read

std::uint64_t steady_nanos() {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

} // namespace

Playhead::Playhead(Options options)
    : options_(std::move(options)),
      player_(*options_.inputs, {.clock = steady_nanos}),
      all_read_(options_.live),
      bookmarks_(options_.notes) {
    thread_ = std::thread([this] {
        try {
            run();
        } catch (const Impossible& impossible) {
            give_up(impossible.what());
        }
    });
    pthread_setname_np(thread_.native_handle(), "playhead");
}

Playhead::~Playhead() {
    {
        const Lock lock(mutex_);
        stopping_ = true;
        asks_.notify_all();
    }
    thread_.join();
}

engine::SnapshotPtr Playhead::shown() const {
    const Lock lock(mutex_);
    return shown_;
}

engine::SnapshotPtr Playhead::whole() const {
    const Lock lock(mutex_);
    return whole_;
}

bool Playhead::wait_for_end(std::chrono::milliseconds timeout) const {
    const auto deadline = Steady::now() + timeout;
    Lock lock(mutex_);
    while (!all_read_)
        if (!read_.wait_until(lock, deadline)) return all_read_;
    return true;
}

std::uint64_t Playhead::end_hash() const {
    const Lock lock(mutex_);
    return end_hash_;
}

gui::PlayheadStatus Playhead::status() const {
    const LocalTime first = options_.inputs->first(), last = options_.inputs->last();
    const std::uint64_t of = options_.inputs->end();
    const Lock lock(mutex_);
    gui::PlayheadStatus status = status_;
    status.first = first;
    status.last = last;
    status.of = of;
    status.seeking = status_.seeking || (!options_.live && status_.at_end && !all_read_);
    if (status.at_end) {
        status.at = last;
        status.inputs = of;
        status.hash = all_read_ ? end_hash_ : 0;
    }
    status.bookmarks = bookmarks_.all();
    status.bookmarks_kept_in = bookmarks_.file();
    return status;
}

LocalTime Playhead::held(LocalTime at) const {
    return std::clamp(at, options_.inputs->first(), std::max(options_.inputs->first(), options_.inputs->last()));
}

void Playhead::ask(Aim aim, LocalTime at) {
    aim_ = aim;
    status_.at = at;
    status_.at_end = aim == Aim::End;
    status_.seeking = aim == Aim::Moment;
    status_.playing = false;
    status_.problem.clear();
    ++asked_;
    asks_.notify_all();
}

void Playhead::seek(LocalTime at) {
    at = held(at);
    const Lock lock(mutex_);
    ask(Aim::Moment, at);
}

void Playhead::to_end() {
    const Lock lock(mutex_);
    ask(Aim::End, status_.at);
}

void Playhead::play(double speed) {
    const LocalTime first = options_.inputs->first(), last = options_.inputs->last();
    const Lock lock(mutex_);
    ask(Aim::Moment, status_.at_end || status_.at >= last ? first : status_.at);
    status_.playing = true;
    status_.speed = speed > 0 ? speed : 0;
    played_from_ = status_.at;
    played_since_ = Steady::now();
}

void Playhead::pause() {
    const Lock lock(mutex_);
    // Asked for once more, since what was about to be shown is not shown any more.
    if (status_.playing) ask(Aim::Moment, status_.at);
}

void Playhead::add_bookmark(LocalTime at, std::string text) {
    const Lock lock(mutex_);
    bookmarks_.add(at, std::move(text));
}

void Playhead::rename_bookmark(std::uint64_t number, std::string text) {
    const Lock lock(mutex_);
    bookmarks_.rename(number, std::move(text));
}

void Playhead::remove_bookmark(std::uint64_t number) {
    const Lock lock(mutex_);
    bookmarks_.remove(number);
}

// What is wanted comes first, then playing, then what is left to do for the moment that is shown, then the rest of the
// file.
void Playhead::run() {
    while (!stopping_) {
        Aim aim = Aim::None;
        LocalTime at;
        bool plays = false, reads = false;
        {
            Lock lock(mutex_);
            heard_ = asked_;
            while (!stopping_ && aim_ == Aim::None && !status_.playing && rest_ == Rest::None && all_read_) {
                asks_.wait(lock);
                heard_ = asked_;
            }
            aim = std::exchange(aim_, Aim::None);
            at = status_.at;
            plays = status_.playing;
            reads = !all_read_;
        }
        if (stopping_) return;
        if (aim == Aim::Moment)
            look_for(at);
        else if (aim == Aim::End)
            go_to_end();
        else if (plays)
            play_on();
        else if (rest_ != Rest::None)
            finish(std::exchange(rest_, Rest::None));
        else if (reads)
            read_on();
        if (options_.changed) options_.changed();
    }
}

void Playhead::look_for(LocalTime at) {
    const auto number = options_.inputs->count_until(at);
    if (!number) return fail_with(number.error());
    const auto reached = player_.seek(*number, [this] { return unheard(); });
    if (!reached) return fail_with(reached.error());
    if (*reached) show(at, false);
}

// Nothing is shown that is no longer asked for: whoever asked meanwhile is heard next.
void Playhead::show(LocalTime at, bool playing) {
    engine::SnapshotPtr fresh = player_.publish();
    rest_ = player_.engine().first_text_to_read() ? Rest::Texts : Rest::Hash;
    const Lock lock(mutex_);
    if (!unheard()) return;
    status_.at = at;
    status_.inputs = player_.position();
    status_.hash = 0;
    status_.seeking = false;
    shown_.swap(fresh);
    if (!playing) played_since_ = Steady::now(); // what plays goes on from here
}

void Playhead::go_to_end() {
    if (options_.live) player_.forget();
    rest_ = Rest::None;
    engine::SnapshotPtr gone;
    const Lock lock(mutex_);
    if (!unheard()) return;
    gone = std::exchange(shown_, options_.live ? nullptr : whole_);
}

void Playhead::play_on() {
    LocalTime target;
    double speed = 1;
    const auto now = Steady::now();
    {
        Lock lock(mutex_);
        speed = status_.speed;
        target = played_from_ + std::chrono::duration_cast<std::chrono::microseconds>((now - played_since_) * speed);
    }
    target = held(target);
    std::uint64_t number = options_.inputs->end();
    if (speed > 0) {
        const auto until = options_.inputs->count_until(target);
        if (!until) return fail_with(until.error());
        number = *until;
    }
    const auto reached = player_.seek(
        number, [&] { return unheard() && (player_.position() % 64 != 0 || Steady::now() - now < slice); });
    if (!reached) return fail_with(reached.error());
    // Where this machine is too slow for the speed, the clock of the recording waits for it.
    const LocalTime at = *reached && speed > 0 ? target : player_.at();
    show(at, true);
    const bool is_over = player_.position() >= options_.inputs->end();
    Lock lock(mutex_);
    if (!unheard()) return;
    if (!*reached || speed == 0) {
        played_from_ = at;
        played_since_ = now;
    }
    if (is_over) {
        status_.playing = false;
        status_.at_end = true;
        aim_ = Aim::End;
        return;
    }
    asks_.wait_until(lock, now + frame);
}

void Playhead::finish(Rest rest) {
    if (rest == Rest::Texts) {
        const auto read = player_.read_texts([this] { return unheard(); });
        if (!read) return fail_with(read.error());
        if (!*read) {
            rest_ = Rest::Texts; // another wish comes first, and may be for this moment
            return;
        }
        engine::SnapshotPtr fresh = player_.publish();
        rest_ = Rest::Hash;
        const Lock lock(mutex_);
        if (unheard()) shown_.swap(fresh);
        return;
    }
    const std::uint64_t hash = player_.state_hash();
    const Lock lock(mutex_);
    if (unheard()) status_.hash = hash;
}

// Once through the file, so that the end is known and moments are kept to go back to.
void Playhead::read_on() {
    const std::uint64_t end = options_.inputs->end();
    const auto began = Steady::now();
    const auto reached =
        player_.seek(end, [&] { return unheard() && (player_.position() % 64 != 0 || Steady::now() - began < slice); });
    const bool is_over = !reached || *reached;
    if (!is_over && Steady::now() - whole_published_ < growing) return;
    publish_whole();
    if (!is_over) return;
    const std::uint64_t hash = player_.state_hash();
    const Judged judged = !reached         ? Judged{std::nullopt, reached.error().message}
                          : options_.judge ? options_.judge(hash, *whole())
                                           : Judged{};
    const Lock lock(mutex_);
    all_read_ = true;
    end_hash_ = hash;
    status_.as_recorded = judged.as_recorded;
    status_.not_compared = judged.not_compared;
    if (!reached) status_.problem = reached.error().message;
    read_.notify_all();
}

void Playhead::publish_whole() {
    whole_published_ = Steady::now();
    const engine::SnapshotPtr fresh = player_.publish();
    const Lock lock(mutex_);
    whole_ = fresh;
    if (status_.at_end) shown_ = fresh;
}

// The file led to a state that cannot be: what was shown stays.
void Playhead::give_up(const std::string& problem) {
    const Lock lock(mutex_);
    status_.problem = problem;
    status_.seeking = status_.playing = false;
    all_read_ = true;
    read_.notify_all();
}

void Playhead::fail_with(const Error& error) {
    const Lock lock(mutex_);
    if (!unheard()) return;
    status_.problem = error.message;
    status_.seeking = false;
    status_.playing = false;
}

} // namespace fhirscope::app
