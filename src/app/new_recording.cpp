#include "app/new_recording.hpp"

#include <unistd.h>

namespace fhirscope::app {

Result<NewRecording> NewRecording::create(const std::string& path, session::RecorderOptions options) {
    auto recorder = session::Recorder::create(path, std::move(options));
    if (!recorder) return tl::unexpected(recorder.error());
    return NewRecording(path, std::move(*recorder));
}

NewRecording::~NewRecording() {
    if (!recorder_) return;
    const bool ours = !recorder_->failed(); // else another file may lie there
    recorder_.reset();
    if (ours) ::unlink(path_.c_str());
}

void NewRecording::add(const engine::Input& input) {
    engine_.step(input);
    recorder_->add(input);
}

Result<void> NewRecording::close() {
    const auto last = engine_.publish();
    auto closed = recorder_->close({engine_.state_hash(), last->metrics.counters, session::content_digest(*last)});
    if (closed) recorder_.reset();
    return closed;
}

} // namespace fhirscope::app
