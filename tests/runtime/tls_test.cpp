#include "certificates.hpp"
#include "support.hpp"
#include "test_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>

namespace fhirscope::runtime::test {
namespace {

using engine::Failure;

const Authority& authority() {
    static const Authority one("fhirscope test authority");
    return one;
}

TestServer serving(const CertificateFiles& files) {
    return TestServer({[](const Seen& seen) { return seen.target == "/ws" ? upgrade() : http_reply(200, "{}"); },
                       [](Peer& peer) {
                           while (const auto text = peer.receive()) peer.send(*text);
                       },
                       files.certificate, files.key});
}

NetworkOptions trusting() {
    NetworkOptions options;
    options.ca_file = authority().certificate_file();
    return options;
}

void contains(const std::string& text, std::initializer_list<const char*> words) {
    INFO(text);
    for (const char* word : words) CHECK(text.find(word) != std::string::npos);
}

} // namespace

TEST_CASE("a server with a certificate of a trusted authority is reached by name and by address") {
    TestServer server = serving(authority().sign("DNS:localhost,IP:127.0.0.1"));
    Client client(trusting());
    for (const char* host : {"localhost", "127.0.0.1"}) {
        const auto response = client.get(server.url(host));
        REQUIRE(response);
        CHECK(response->body == "{}");
        CHECK(client.get(server.url(host)));
    }
    CHECK(server.connections() == 2); // kept, one for each name
}

TEST_CASE("frames go both ways over TLS") {
    TestServer server = serving(authority().sign("DNS:localhost"));
    Client client(trusting());
    client.open(1, server.socket_url("localhost"));
    REQUIRE(client.wait_for("opened").what == "opened");
    client.network.post([&] { client.network.send(1, std::string(300'000, 'x')); });
    CHECK(client.wait_for("frame").text.size() == 300'000);
}

TEST_CASE("an expired certificate is refused, and the message says when and what to do") {
    TestServer server = serving(authority().sign("DNS:localhost", -20, -10));
    Client client(trusting());
    const auto response = client.get(server.url("localhost"));
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Tls);
    contains(response.error().message, {"localhost", "expired on", "GMT", "renewed"});
    client.open(1, server.socket_url("localhost"));
    const SocketRecord failed = client.wait_for("failed");
    CHECK(failed.failure == Failure::Tls);
    contains(failed.text, {"expired"});
    CHECK(server.requests().empty());
}

TEST_CASE("a certificate that is not valid yet is refused") {
    TestServer server = serving(authority().sign("DNS:localhost", 10, 20));
    Client client(trusting());
    const auto response = client.get(server.url("localhost"));
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Tls);
    contains(response.error().message, {"only from", "clock"});
}

TEST_CASE("a certificate for another host is refused, and the message names the hosts") {
    TestServer server = serving(authority().sign("DNS:fhir.example.test,DNS:*.ward.test,IP:10.0.0.1,IP:fd00::1"));
    Client client(trusting());
    for (const char* host : {"localhost", "127.0.0.1"}) {
        const auto response = client.get(server.url(host));
        REQUIRE_FALSE(response);
        CHECK(response.error().failure == Failure::Tls);
        contains(response.error().message, {"fhir.example.test", "*.ward.test", "10.0.0.1", "fd00::1", host});
    }
    client.open(1, server.socket_url("localhost"));
    CHECK(client.wait_for("failed").failure == Failure::Tls);
}

TEST_CASE("an authority that is not known is refused, and the message names --ca-file") {
    TestServer server = serving(authority().sign("DNS:localhost"));
    const Authority other("another authority");
    NetworkOptions options;
    SECTION("none given") {}
    SECTION("another given") { options.ca_file = other.certificate_file(); }
    Client client(options);
    const auto response = client.get(server.url("localhost"));
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Tls);
    contains(response.error().message, {"fhirscope test authority", "--ca-file"});
    CHECK(server.requests().empty());
}

TEST_CASE("a server that does not speak TLS") {
    TestServer plain({[](const Seen&) { return http_reply(200, "{}"); }, nullptr, "", ""});
    Client client(trusting());
    const auto response = client.get("https://127.0.0.1:" + std::to_string(plain.port()) + "/");
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Tls);
}

TEST_CASE("plain HTTP to a server that speaks TLS") {
    TestServer server = serving(authority().sign("DNS:localhost"));
    Client client;
    const auto response = client.get("http://127.0.0.1:" + std::to_string(server.port()) + "/");
    REQUIRE_FALSE(response);
    CHECK((response.error().failure == Failure::ClosedEarly || response.error().failure == Failure::Protocol));
}

TEST_CASE("a ca-file that cannot be used is refused at the start") {
    NetworkOptions options;
    options.ca_file = authority().sign("DNS:localhost").key; // a key, not a certificate
    Network network(options);
    const auto started = network.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == ErrorCode::CaFile);
    CHECK(started.error().message.find(options.ca_file) != std::string::npos);
}

} // namespace fhirscope::runtime::test
