#pragma once
// The other side of a soak in a process of its own, so that the memory measured is the client's: the embedded server,
// and the network between the two that breaks when it is told to.

#include "server/server.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::soak {

// Lines through one end of a socket pair.
class Lines {
public:
    explicit Lines(int descriptor) : descriptor_(descriptor) {}
    ~Lines();
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;
    bool send(const std::string& line);
    std::optional<std::string> receive(); // nullopt: the other end is gone

private:
    int descriptor_;
    std::string waiting_;
};

// Not thread-safe. Every call waits for the other process, and throws std::runtime_error when that is gone.
class WardProcess {
public:
    // Forks, so it must come before any thread. Throws when the server or the network cannot be started.
    explicit WardProcess(const server::ServerOptions& options);
    ~WardProcess(); // ends the process
    WardProcess(const WardProcess&) = delete;
    WardProcess& operator=(const WardProcess&) = delete;

    std::string base_url, client_id, client_secret;

    void cut();  // every connection, as a network does
    void down(); // the server goes away; access tokens are void when it comes back, its data is as it was
    void up();
    void set_rate(double changes_per_second);
    std::uint64_t commits();
    std::vector<server::CurrentVersion> current();

private:
    std::string ask(const std::string& command);
    pid_t process_ = -1;
    std::optional<Lines> lines_;
};

} // namespace fhirscope::soak
