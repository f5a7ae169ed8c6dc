#include "support.hpp"
#include "test_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <future>
#include <string>

namespace fhirscope::runtime::test {
namespace {

using namespace std::chrono_literals;
using engine::Failure;

TestServer conversing(std::function<void(Peer&)> converse) {
    return TestServer({[](const Seen&) { return upgrade(); }, std::move(converse), "", ""});
}

void echo(Peer& peer) {
    while (const auto text = peer.receive()) peer.send(*text);
}

} // namespace

TEST_CASE("frames go both ways, in order") {
    TestServer server = conversing(echo);
    Client client;
    client.open(1, server.socket_url());
    REQUIRE(client.wait_for("opened").what == "opened");
    client.network.post([&] {
        for (int i = 0; i < 100; ++i) client.network.send(1, "frame " + std::to_string(i));
    });
    REQUIRE(client.records.wait_for_size(101));
    for (std::size_t i = 0; i < 100; ++i) CHECK(client.records.all()[i + 1].text == "frame " + std::to_string(i));
    CHECK(server.requests()[0].target == "/ws");
}

TEST_CASE("a frame of a megabyte comes as one") {
    TestServer server = conversing(echo);
    Client client;
    client.open(1, server.socket_url());
    client.wait_for("opened");
    const std::string big(1u << 20, 'x');
    client.network.post([&] { client.network.send(1, big); });
    CHECK(client.wait_for("frame").text == big);
}

TEST_CASE("a control ping is answered without the engine") {
    std::promise<int> pongs;
    TestServer server = conversing([&](Peer& peer) {
        peer.ping();
        peer.send("after the ping");
        peer.receive(); // the answer to that, which follows the pong
        pongs.set_value(peer.pongs());
    });
    Client client;
    client.open(1, server.socket_url());
    REQUIRE(client.wait_for("frame").text == "after the ping");
    client.network.post([&] { client.network.send(1, "answer"); });
    CHECK(value_in_time(pongs) == 1);
}

TEST_CASE("a refused upgrade says what the server said") {
    TestServer server({[](const Seen&) { return http_reply(404, "", "text/plain"); }, nullptr, "", ""});
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord failed = client.wait_for("failed");
    CHECK(failed.failure == Failure::UpgradeRefused);
    CHECK(failed.text == "HTTP 404 Not Found: " + server.socket_url() + " refused to become a WebSocket.");
}

TEST_CASE("the answer to an upgrade is bounded with all that is around it") {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(1u << 20, 'e') + "\r\nx\r\n0\r\n\r\n";
    TestServer server({[&](const Seen&) { return Reply{bytes, true, false, false}; }, nullptr, "", ""});
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord failed = client.wait_for("failed");
    CHECK(failed.failure == Failure::TooLarge);
    CHECK(failed.text.find("larger than 256 kB") != std::string::npos);
}

TEST_CASE("an upgrade that is redirected names the place") {
    TestServer server(
        {[](const Seen&) { return http_reply(301, "", "text/plain", "Location: wss://elsewhere.test/ws\r\n"); },
         nullptr, "", ""});
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord failed = client.wait_for("failed");
    CHECK(failed.failure == Failure::UpgradeRefused);
    CHECK(failed.text.find("wss://elsewhere.test/ws") != std::string::npos);
}

TEST_CASE("a 200 is no WebSocket") {
    TestServer server({[](const Seen&) { return http_reply(200, "<html>", "text/html"); }, nullptr, "", ""});
    Client client;
    client.open(1, server.socket_url());
    CHECK(client.wait_for("failed").failure == Failure::UpgradeRefused);
}

TEST_CASE("a server that closes during the upgrade") {
    TestServer server({[](const Seen&) { return Reply{"", true, false, false}; }, nullptr, "", ""});
    Client client;
    client.open(1, server.socket_url());
    CHECK(client.wait_for("failed").failure == Failure::ClosedEarly);
}

TEST_CASE("a server that never answers the upgrade is given up in time") {
    TestServer server({[](const Seen&) { return Reply{"", false, true, false}; }, nullptr, "", ""});
    Client client;
    client.open(1, server.socket_url(), 50ms);
    CHECK(client.wait_for("failed").failure == Failure::Timeout);
}

TEST_CASE("a socket to a port where nothing listens") {
    Client client;
    client.open(1, "ws://127.0.0.1:" + std::to_string(closed_port()) + "/ws");
    CHECK(client.wait_for("failed").failure == Failure::Refused);
}

TEST_CASE("a close by the server is reported with its code and reason") {
    TestServer server = conversing([](Peer& peer) { peer.close(4001, "maintenance"); });
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 4001);
    CHECK(closed.text == "maintenance");
}

TEST_CASE("a connection that breaks is reported as 1006") {
    TestServer server = conversing([](Peer&) {});
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 1006);
    CHECK(closed.text == "the connection ended without a close frame");
}

TEST_CASE("a frame above the bound closes the socket with a reason, one at the bound does not") {
    NetworkOptions options;
    options.max_frame_bytes = 1u << 20;
    Client client(options);
    TestServer server = conversing([&](Peer& peer) {
        peer.send(std::string(1u << 20, 'x'));
        peer.send(std::string((1u << 20) + 1, 'x'));
        peer.receive();
    });
    client.open(1, server.socket_url());
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 1009);
    CHECK(closed.text == "the server sent a frame larger than 1 MB");
    CHECK(client.wait_for("frame").text.size() == 1u << 20);
}

TEST_CASE("text that is not UTF-8 closes the socket with a reason") {
    TestServer server = conversing([](Peer& peer) {
        peer.send("\xff\xfe");
        peer.receive();
    });
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 1007);
    CHECK(closed.text.find("UTF-8") != std::string::npos);
}

TEST_CASE("a broken frame closes the socket with a reason") {
    TestServer server = conversing([](Peer& peer) {
        peer.write_raw(std::string(32, '\xff')); // a head with reserved bits set
        peer.receive();
    });
    Client client;
    client.open(1, server.socket_url());
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 1002);
    CHECK(closed.text.find("protocol") != std::string::npos);
}

TEST_CASE("a binary frame is passed on for the engine to judge") {
    TestServer server = conversing([](Peer& peer) {
        peer.send_binary("\xff\x01");
        peer.receive();
    });
    Client client;
    client.open(1, server.socket_url());
    CHECK(client.wait_for("frame").text == "\xff\x01");
}

TEST_CASE("closing an open socket is reported at once, once, even when the server does not answer") {
    Gate end;
    TestServer server = conversing([&](Peer&) { end.wait(); });
    Client client;
    client.open(1, server.socket_url());
    client.wait_for("opened");
    client.network.post([&] { client.network.close_socket(1, 1000, "bye"); });
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 1000);
    CHECK(closed.text == "bye");
    client.network.post([&] { client.network.close_socket(1, 1000, "again"); });
    end.open();
    REQUIRE(server.wait_for_ended_connections(1));
    client.network.stop();
    CHECK(client.records.all().size() == 2); // opened, closed
}

TEST_CASE("the server learns code and reason of a close") {
    std::promise<bool> ended;
    TestServer server = conversing([&](Peer& peer) { ended.set_value(!peer.receive()); });
    Client client;
    client.open(1, server.socket_url());
    client.wait_for("opened");
    client.network.post(
        [&] { client.network.close_socket(1, 1000, std::string(500, 'r')); }); // longer than a frame carries
    CHECK(value_in_time(ended));
}

TEST_CASE("closing with 1006 drops the connection as a fault would") {
    TestServer server = conversing(echo);
    Client client;
    client.open(1, server.socket_url());
    client.wait_for("opened");
    client.network.post([&] { client.network.close_socket(1, 1006, "dropped"); });
    CHECK(client.wait_for("closed").code == 1006);
    CHECK(server.wait_for_ended_connections(1));
}

TEST_CASE("closing a socket that is not open yet reports nothing") {
    Client client;
    {
        TestServer server({[](const Seen&) { return Reply{"", false, true, false}; }, nullptr, "", ""});
        client.open(1, server.socket_url());
        REQUIRE(server.wait_for_requests(1));
        client.network.post([&] { client.network.close_socket(1, 1000, ""); });
    }
    client.network.stop();
    CHECK(client.records.all().empty());
}

TEST_CASE("reading stops when there is no room, and goes on where it stopped") {
    constexpr int count = 2'000;
    TestServer server = conversing([](Peer& peer) {
        for (int i = 0; i < count; ++i)
            if (!peer.send(std::to_string(i))) return;
        peer.receive();
    });
    Client client;
    client.go_on_reading = false;
    client.open(1, server.socket_url());
    for (std::size_t i = 1; i <= 10; ++i) {
        REQUIRE(client.records.wait_for_size(i + 1));
        CHECK(client.records.all().size() == i + 1); // one frame for each permission
        client.network.post([&] { client.network.resume_reading(); });
    }
    client.network.post([&] {
        client.go_on_reading = true;
        client.network.resume_reading();
    });
    REQUIRE(client.records.wait_for_size(count + 1));
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < count; ++i) wrong += client.records.all()[i + 1].text != std::to_string(i);
    CHECK(wrong == 0);
}

TEST_CASE("a server that does not read is disconnected when too much waits") {
    Gate end;
    TestServer server = conversing([&](Peer&) { end.wait(); });
    NetworkOptions options;
    options.max_unsent_bytes = 64u << 10;
    Client client(options);
    client.open(1, server.socket_url());
    client.wait_for("opened");
    client.network.post([&] {
        for (int i = 0; i < 20; ++i)
            client.network.send(1, std::string(8u << 10, 'x')); // in one go, so none can leave meanwhile
    });
    const SocketRecord closed = client.wait_for("closed");
    CHECK(closed.code == 1006);
    CHECK(closed.text.find("64 kB waited") != std::string::npos);
    end.open();
}

TEST_CASE("stopping with sockets in every phase ends at once") {
    TestServer silent({[](const Seen&) { return Reply{"", false, true, false}; }, nullptr, "", ""});
    Gate end;
    TestServer deaf = conversing([&](Peer&) { end.wait(); });
    Client client;
    client.open(1, deaf.socket_url());
    client.open(2, deaf.socket_url());
    REQUIRE(client.records.wait_for_size(2));
    client.open(3, silent.socket_url());
    client.open(4, silent.socket_url("localhost"));
    REQUIRE(silent.wait_for_requests(1));
    client.network.post([&] { client.network.close_socket(1, 1000, ""); }); // its closing handshake has no answer
    const auto before = std::chrono::steady_clock::now();
    client.network.stop();
    CHECK(std::chrono::steady_clock::now() - before < 2s); // less than the 3 s for a closing handshake
    end.open();
}

} // namespace fhirscope::runtime::test
