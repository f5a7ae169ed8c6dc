#pragma once
// What a session that goes on keeps of itself, and what is done with it: it is looked back at, and written to files.

#include "app/command_line.hpp"
#include "app/later_recording.hpp"
#include "app/playhead.hpp"
#include "session/flight_recorder.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fhirscope::app {

// Thread safety: add() and between() belong to the engine's thread, save() to any, the rest to one other.
class LiveFlight {
public:
    // `server`: for people. Keeps nothing where the choice says so.
    LiveFlight(FlightChoice choice, std::string server);

    void add(const engine::Input& input) {
        if (kept_) kept_->add(input);
    }
    void between(engine::Engine& engine) {
        if (kept_) kept_->between(engine);
    }
    void look(); // from here on there is a playhead
    Playhead* playhead() const { return playhead_.get(); }
    bool keeps() const { return kept_ != nullptr; }
    // Where the engine is now, from its own thread.
    void mark(std::function<void(const session::FlightRecorder::Mark&)> call) { kept_->mark(std::move(call)); }

    // The path; "": nothing is recorded by record().
    std::string recording() const;
    LocalTime recording_since() const;
    void record(LaterRecording::From from); // into a new file of the user's own folder; what fails is said
    void stop_recording();
    void save(); // what is kept, to the file of the choice
    // The engine came to what cannot be, and this is its thread.
    void save_after_crash();
    bool saves_on_incident() const { return kept_ && choice_.on == "incident"; }
    // False: a file is not what was asked for; the reason was said.
    bool finish(const session::Ending& ending);

private:
    const FlightChoice choice_;
    const std::string server_;
    std::shared_ptr<session::FlightRecorder> kept_;
    std::unique_ptr<Playhead> playhead_;
    std::unique_ptr<LaterRecording> recording_;
    Mutex mutex_; // who looks out for incidents saves, too
    std::vector<std::unique_ptr<LaterRecording>> saved_ FHIRSCOPE_GUARDED_BY(mutex_);
    bool failed_ = false;
};

// $XDG_DATA_HOME/fhirscope/<time>.fhirscope, at which nothing lies. Error: Folder.
Result<std::string> new_recording();

} // namespace fhirscope::app
