#pragma once
// Traffic as other tools read it.

#include "app/row_output.hpp"
#include "app/traffic.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fhirscope::app {

// HAR 1.2, with the frames of a socket in `_webSocketMessages`, as browsers write it.
class HarWriter final : public TrafficListener {
public:
    explicit HarWriter(RowOutput& output) : output_(output) {}
    Result<void> begin();
    Result<void> end();

    Result<void> exchange(const Exchange& exchange) override;
    Result<void> socket_opened(engine::SocketId socket, const std::string& url, LocalTime at) override;
    Result<void> frame(engine::SocketId socket, bool outgoing, const std::string& text, LocalTime at) override;
    Result<void> socket_closed(engine::SocketId socket, unsigned code, const std::string& reason,
                               LocalTime at) override;

    std::uint64_t entries() const { return entries_; }

private:
    // What a socket's entry may hold in memory; the rest of it is in another entry of the same address.
    static constexpr std::size_t most_bytes = 64u << 20;

    struct Socket {
        std::string url;
        LocalTime opened, last;
        std::vector<std::string> messages; // JSON
        std::size_t bytes = 0;
    };
    Result<void> put(const std::string& entry);
    Result<void> put(Socket& socket);

    RowOutput& output_;
    std::map<engine::SocketId, Socket> sockets_;
    std::uint64_t entries_ = 0;
};

// Lines of a transcript, as `fhirscope import` reads it (docs/session-format.md).
class TranscriptWriter final : public TrafficListener {
public:
    explicit TranscriptWriter(RowOutput& output) : output_(output) {}

    Result<void> exchange(const Exchange& exchange) override;
    Result<void> socket_opened(engine::SocketId socket, const std::string& url, LocalTime at) override;
    Result<void> frame(engine::SocketId socket, bool outgoing, const std::string& text, LocalTime at) override;
    Result<void> socket_closed(engine::SocketId socket, unsigned code, const std::string& reason,
                               LocalTime at) override;

    std::uint64_t lines() const { return lines_; }

private:
    Result<void> put(std::string line);

    RowOutput& output_;
    std::uint64_t lines_ = 0;
};

} // namespace fhirscope::app
