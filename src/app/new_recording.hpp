#pragma once
// A recording made of inputs that were recorded before, or that are recorded otherwise than they came: its ending is
// that of an engine that had them.

#include "engine/engine.hpp"
#include "fhir/result.hpp"
#include "session/recorder.hpp"

#include <memory>
#include <string>
#include <utility>

namespace fhirscope::app {

class NewRecording {
public:
    // Errors: those of session::Recorder::create.
    static Result<NewRecording> create(const std::string& path, session::RecorderOptions options);
    NewRecording(NewRecording&&) = default;
    NewRecording& operator=(NewRecording&&) = delete;
    ~NewRecording(); // takes away what was not closed

    void add(const engine::Input& input);
    // What leaves one file. Errors: those of session::Recorder::close; then the file is taken away where it is ours.
    Result<void> close();

private:
    NewRecording(std::string path, std::unique_ptr<session::Recorder> recorder)
        : path_(std::move(path)), recorder_(std::move(recorder)) {}

    std::string path_;
    engine::Engine engine_;
    std::unique_ptr<session::Recorder> recorder_; // null: closed
};

} // namespace fhirscope::app
