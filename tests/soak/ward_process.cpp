#include "ward_process.hpp"

#include "server/fault_proxy.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <stdexcept>

namespace fhirscope::soak {

namespace {

// The other process: answers one line for each command, until nobody asks any more.
int serve(server::ServerOptions options, Lines& lines) {
    server::FaultProxy network;
    if (auto started = network.start(); !started) return lines.send("error " + started.error().message), 1;
    options.public_url = network.base_url();
    server::EmbeddedServer server(std::move(options));
    if (auto started = server.start(); !started) return lines.send("error " + started.error().message), 1;
    network.set_target(server.port());
    lines.send("ready " + server.base_url() + " " + server.client_id() + " " + server.client_secret());
    while (const auto line = lines.receive()) {
        std::istringstream words(*line);
        std::string command;
        words >> command;
        std::string answer = "ok";
        if (command == "cut") {
            network.cut();
        } else if (command == "down") {
            server.revoke_logins();
            server.set_reachable(false);
        } else if (command == "up") {
            server.set_reachable(true);
        } else if (command == "rate") {
            double rate = 0;
            words >> rate;
            server.set_rate(rate);
        } else if (command == "commits") {
            answer = std::to_string(server.stats().commits);
        } else if (command == "current") {
            answer.clear();
            for (const server::CurrentVersion& one : server.current())
                answer += one.type + " " + one.id + " " + one.version_id + " ";
        }
        lines.send(answer);
    }
    return 0;
}

} // namespace

Lines::~Lines() { ::close(descriptor_); }

bool Lines::send(const std::string& line) {
    const std::string bytes = line + "\n";
    for (std::size_t sent = 0; sent < bytes.size();) {
        const auto n = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return false;
        sent += static_cast<std::size_t>(n);
    }
    return true;
}

std::optional<std::string> Lines::receive() {
    for (;;) {
        if (const auto end = waiting_.find('\n'); end != std::string::npos) {
            std::string line = waiting_.substr(0, end);
            waiting_.erase(0, end + 1);
            return line;
        }
        std::array<char, 4096> buffer;
        const auto n = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (n <= 0) return std::nullopt;
        waiting_.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

WardProcess::WardProcess(const server::ServerOptions& options) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) throw std::runtime_error("no socket pair");
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("no second process");
    if (process_ == 0) {
        ::close(ends[0]);
        int code = 1;
        try {
            Lines lines(ends[1]);
            code = serve(options, lines);
        } catch (const std::exception&) { // the asker sees that nobody answers
        }
        std::_Exit(code);
    }
    ::close(ends[1]);
    lines_.emplace(ends[0]);
    std::istringstream words(lines_->receive().value_or("error The server's process ended at once"));
    std::string state;
    words >> state;
    if (state != "ready") {
        std::string problem;
        std::getline(words, problem);
        throw std::runtime_error(problem);
    }
    words >> base_url >> client_id >> client_secret;
}

WardProcess::~WardProcess() {
    lines_.reset(); // which the other process takes for its end
    if (process_ > 0) ::waitpid(process_, nullptr, 0);
}

std::string WardProcess::ask(const std::string& command) {
    lines_->send(command);
    auto answer = lines_->receive();
    if (!answer) throw std::runtime_error("the server's process ended");
    return std::move(*answer);
}

void WardProcess::cut() { ask("cut"); }
void WardProcess::down() { ask("down"); }
void WardProcess::up() { ask("up"); }
void WardProcess::set_rate(double changes_per_second) { ask("rate " + std::to_string(changes_per_second)); }
std::uint64_t WardProcess::commits() { return std::stoull(ask("commits")); }

std::vector<server::CurrentVersion> WardProcess::current() {
    std::istringstream words(ask("current"));
    std::vector<server::CurrentVersion> all;
    for (server::CurrentVersion one; words >> one.type >> one.id >> one.version_id;) all.push_back(one);
    return all;
}

} // namespace fhirscope::soak
