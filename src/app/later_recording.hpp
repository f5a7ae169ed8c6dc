#pragma once
// A recording that was not begun with the session: of what its flight recorder keeps, and of what follows.

#include "engine/figures.hpp"
#include "fhir/thread_safety.hpp"
#include "session/flight_recorder.hpp"
#include "session/recorder.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace fhirscope::app {

// Where the session's beginning is not kept any more, or not wanted, the file begins with the state of that moment
// (engine::Resumed), which only this build can read.
class LaterRecording {
public:
    enum class From : bool { Now, Kept }; // the first moment that is kept
    LaterRecording(std::string path, std::string server, std::shared_ptr<session::FlightRecorder> kept, From from);
    ~LaterRecording(); // ends it where it is

    const std::string& path() const { return path_; }
    LocalTime since() const { return since_; }
    bool is_over() const { return over_; }
    void stop(); // at the input that the engine has come to; ends by itself afterwards
    // The session is over: waits until all is written. nullopt: it broke off, and there is no state to compare with.
    // False: the file is not what was asked for; the reason was said.
    bool finish(const std::optional<session::Ending>& ending);

private:
    struct Wish { // shared with the engine's thread
        Mutex mutex;
        ConditionVariable changed;
        std::optional<session::FlightRecorder::Mark> begins FHIRSCOPE_GUARDED_BY(mutex);
        std::optional<std::uint64_t> until FHIRSCOPE_GUARDED_BY(mutex); // input
        session::Ending ending FHIRSCOPE_GUARDED_BY(mutex);
    };
    void run();
    Result<void> write();
    Result<std::uint64_t> begin(session::Recorder& recorder); // number of the next input

    const std::string path_, server_;
    const std::shared_ptr<session::FlightRecorder> kept_;
    const From from_;
    const LocalTime since_;
    const std::shared_ptr<Wish> wish_ = std::make_shared<Wish>();
    std::atomic<bool> over_ = false, failed_ = false;
    std::thread thread_; // the last, since it uses the others
};

} // namespace fhirscope::app
