#pragma once
// What went over the wire in a recording. Answers and frames are its inputs; requests and frames sent are what an engine
// that has these inputs wants.

#include "app/command_line.hpp"
#include "engine/input.hpp"
#include "fhir/result.hpp"

#include <string>

namespace fhirscope::app {

struct Exchange {
    LocalTime asked, answered;
    std::string method, url, request_type; // url: absolute; request_type: of the body
    engine::Text request_body;             // may be null
    // The answer; with a failure in its place status 0 and the message as the body.
    engine::HttpAnswer answer;
};

class TrafficListener {
public:
    virtual ~TrafficListener() = default;
    // Errors end the walk.
    virtual Result<void> exchange(const Exchange& exchange) = 0;
    virtual Result<void> socket_opened(engine::SocketId socket, const std::string& url, LocalTime at) = 0;
    virtual Result<void> frame(engine::SocketId socket, bool outgoing, const std::string& text, LocalTime at) = 0;
    virtual Result<void> socket_closed(engine::SocketId socket, unsigned code, const std::string& reason,
                                       LocalTime at) = 0;
};

// In the order of time, an exchange at its answer. Errors: those of session::Reader and of the listener.
Result<void> walk_traffic(const std::string& path, const MemoryOptions& memory, TrafficListener& listener);

} // namespace fhirscope::app
