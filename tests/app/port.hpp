#pragma once
// A port of 127.0.0.1 that stays taken, behind which nobody listens, or nobody answers.

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace fhirscope::tests {

class Port {
public:
    Port() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address_), size) == 0);
        REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
    }
    ~Port() {
        for (const int client : clients_) ::close(client);
        ::close(socket_);
    }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    // Clients are connected, and hear nothing.
    void listen() const { REQUIRE(::listen(socket_, 8) == 0); }
    // Takes one that has connected, and leaves it waiting.
    void take_client() {
        pollfd connected{socket_, POLLIN, 0};
        REQUIRE(::poll(&connected, 1, 60'000) == 1);
        clients_.push_back(::accept(socket_, nullptr, nullptr));
        REQUIRE(clients_.back() >= 0);
    }
    std::string number() const { return std::to_string(ntohs(address_.sin_port)); }
    std::string url() const { return "http://127.0.0.1:" + number() + "/"; }

private:
    int socket_;
    sockaddr_in address_{};
    std::vector<int> clients_;
};

} // namespace fhirscope::tests
