#pragma once
// Keeps keyframes in a session file, so that whoever opens it next reaches any moment soon. They are a cache: of this
// build's engine, and anybody may remove them.

#include "session/inputs.hpp"

#include <memory>
#include <string>

namespace fhirscope::session {

// Thread safety: one thread at a time.
class KeyframeWriter {
public:
    // Of a session that was closed in order and is not written otherwise. Null where the file cannot be written, is
    // being recorded, or is none.
    static std::unique_ptr<KeyframeWriter> open(const std::string& path);
    ~KeyframeWriter();
    KeyframeWriter(const KeyframeWriter&) = delete;
    KeyframeWriter& operator=(const KeyframeWriter&) = delete;

    // `at`: the time of the input before it. False: it was not written, for want of room or rights, or since it is too
    // large to be kept; the file is as whole as before. Not inside of a for_each() of this file, which has it locked.
    bool add(const Keyframe& keyframe, LocalTime at);

private:
    struct Impl;
    explicit KeyframeWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace fhirscope::session
