#include "support.hpp"
#include "test_server.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <string>

namespace fhirscope::runtime::test {
namespace {

using namespace std::chrono_literals;
using engine::Failure;

TestServer answering(std::function<Reply(const Seen&)> answer) {
    return TestServer({std::move(answer), nullptr, "", ""});
}

} // namespace

TEST_CASE("a request reaches the server whole, and the headers that matter come back") {
    TestServer server = answering([](const Seen&) {
        return http_reply(
            201, R"({"resourceType":"Task"})", "application/fhir+json; charset=utf-8",
            "ETag: W/\"v1\"\r\nLocation: http://h/Task/1\r\nDate: Sun, 22 Nov 2026 22:00:16 GMT\r\n"
            "RateLimit: \"requests\";r=1;t=60\r\nRateLimit: \"fhirInteractions\";r=2;t=41\r\nRetry-After: 7\r\n");
    });
    Client client;
    HttpRequest request;
    request.method = "PUT";
    request.url = url_of(server.url() + "fhir/R4/Task/1?x=a b");
    request.headers = {{"If-Match", "W/\"v0\""}, {"Content-Type", "application/fhir+json"}};
    request.bearer = make_secret("token");
    request.body = engine::make_text("body");
    const auto response = client.request(request);
    REQUIRE(response);
    CHECK(response->status == 201);
    CHECK(response->body == R"({"resourceType":"Task"})");
    CHECK(response->content_type == "application/fhir+json; charset=utf-8");
    CHECK(response->etag == "W/\"v1\"");
    CHECK(response->location == "http://h/Task/1");
    CHECK(response->date == "Sun, 22 Nov 2026 22:00:16 GMT");
    CHECK(response->rate_limit == "\"requests\";r=1;t=60, \"fhirInteractions\";r=2;t=41");
    CHECK(response->retry_after == "7");

    const auto seen = server.requests();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].method == "PUT");
    CHECK(seen[0].target == "/fhir/R4/Task/1?x=a%20b");
    CHECK(seen[0].body == "body");
    CHECK(seen[0].headers.at("host") == "127.0.0.1:" + std::to_string(server.port()));
    CHECK(seen[0].headers.at("authorization") == "Bearer token");
    CHECK(seen[0].headers.at("if-match") == "W/\"v0\"");
    CHECK(seen[0].headers.at("content-length") == "4");
}

TEST_CASE("one connection serves many requests") {
    TestServer server = answering([](const Seen&) { return http_reply(200, "{}"); });
    Client client;
    for (int i = 0; i < 20; ++i) REQUIRE(client.get(server.url()));
    CHECK(server.connections() == 1);
    CHECK(server.requests().size() == 20);
}

TEST_CASE("a server that closes after each answer is met with a new connection each time") {
    TestServer server = answering([](const Seen&) {
        Reply reply = http_reply(200, "{}", "application/json", "Connection: close\r\n");
        reply.close = true;
        return reply;
    });
    Client client;
    for (int i = 0; i < 3; ++i) REQUIRE(client.get(server.url()));
    CHECK(server.connections() == 3);
}

TEST_CASE("no more than six connections are open to one host, and every request is answered") {
    Gate gate;
    std::atomic<int> at_once{0};
    Collector<int> entered; // how many were at once, each time
    TestServer server = answering([&](const Seen&) {
        entered.add(++at_once);
        gate.wait();
        --at_once;
        return http_reply(200, "{}");
    });
    Client client;
    Collector<bool> done;
    client.network.post([&] {
        for (int i = 0; i < 40; ++i) {
            HttpRequest request;
            request.url = url_of(server.url());
            client.network.request(request, [&](NetResult<HttpResponse> answer) { done.add(answer.has_value()); });
        }
    });
    REQUIRE(entered.wait_for_size(6));
    gate.open();
    REQUIRE(done.wait_for_size(40));
    for (const bool fine : done.all()) CHECK(fine);
    const auto all = entered.all();
    CHECK(*std::max_element(all.begin(), all.end()) == 6);
    CHECK(server.connections() == 6);
}

TEST_CASE("a read on a kept connection that the server has given up is repeated on a new one, once") {
    // Closes instead of answering the second request of every connection, so that it cannot be seen beforehand.
    std::mutex mutex;
    std::map<std::size_t, int> count;
    TestServer server = answering([&](const Seen& seen) {
        const std::lock_guard lock(mutex);
        if (++count[seen.connection] == 2) return Reply{"", true, false, false};
        return http_reply(200, "{}");
    });
    Client client;
    REQUIRE(client.get(server.url()));
    SECTION("GET") {
        CHECK(client.get(server.url()));
        CHECK(server.connections() == 2);
        CHECK(server.requests().size() == 3);
    }
    SECTION("POST is not: it may have been done") {
        const auto response = client.send("POST", server.url(), "{}");
        REQUIRE_FALSE(response);
        CHECK(response.error().failure == Failure::ClosedEarly);
        CHECK(server.requests().size() == 2);
    }
    SECTION("PUT with If-Match is not: its own first half would make it a conflict") {
        HttpRequest request;
        request.method = "PUT";
        request.url = url_of(server.url());
        request.headers = {{"If-Match", "W/\"1\""}};
        CHECK_FALSE(client.request(request));
        CHECK(server.requests().size() == 2);
    }
    SECTION("PUT without it is") {
        CHECK(client.send("PUT", server.url(), "{}"));
        CHECK(server.requests().size() == 3);
    }
}

TEST_CASE("a kept connection that the server closed while it was idle is not used, even for a POST") {
    TestServer server = answering([](const Seen& seen) {
        Reply reply = http_reply(200, "{}"); // says nothing of closing
        reply.close = seen.connection == 1;
        return reply;
    });
    Client client;
    REQUIRE(client.get(server.url()));
    REQUIRE(server.wait_for_ended_connections(1));
    CHECK(client.send("POST", server.url(), "{}"));
    CHECK(server.requests().size() == 2);
}

TEST_CASE("a server that closes always is not asked for ever") {
    TestServer server = answering([](const Seen&) { return Reply{"", true, false, false}; });
    Client client;
    const auto response = client.get(server.url());
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::ClosedEarly);
    CHECK(response.error().message.find("without an answer") != std::string::npos);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("a server that closes in the middle of its answer") {
    TestServer server = answering([](const Seen&) {
        return Reply{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"half\":", true,
                     false, false};
    });
    Client client;
    const auto response = client.get(server.url());
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::ClosedEarly);
    CHECK(response.error().message.find("in the middle of its answer") != std::string::npos);
}

TEST_CASE("a 200 with a page instead of JSON is passed on as it is") {
    TestServer server = answering([](const Seen&) { return http_reply(200, "<html>Sign in</html>", "text/html"); });
    Client client;
    const auto response = client.get(server.url());
    REQUIRE(response);
    CHECK(response->status == 200);
    CHECK(response->content_type == "text/html");
    CHECK(response->body == "<html>Sign in</html>");
}

TEST_CASE("a chunked answer is put together") {
    TestServer server = answering([](const Seen&) {
        return Reply{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n", false,
                     false, false};
    });
    Client client;
    CHECK(client.get(server.url())->body == "{\"a\":1}");
    CHECK(client.get(server.url()));
    CHECK(server.connections() == 1);
}

TEST_CASE("what is not HTTP is told as such") {
    TestServer server = answering([](const Seen&) {
        return Reply{"220 mail.example.test ESMTP\r\n\r\n", true, false, false};
    });
    Client client;
    const auto response = client.get(server.url());
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Protocol);
    CHECK(response.error().message.find("HTTP") != std::string::npos);
}

TEST_CASE("an answer larger than the bound is refused") {
    TestServer server = answering([](const Seen& seen) {
        if (seen.target == "/told") return http_reply(200, std::string(3u << 20, 'x'));
        std::string endless = "HTTP/1.1 200 OK\r\n\r\n" + std::string(3u << 20, 'x'); // until it closes
        return Reply{endless, true, false, false};
    });
    NetworkOptions options;
    options.max_response_bytes = 2u << 20;
    Client client(options);
    for (const char* path : {"told", "endless"}) {
        const auto response = client.get(server.url() + path);
        REQUIRE_FALSE(response);
        CHECK(response.error().failure == Failure::TooLarge);
        CHECK(response.error().message.find("larger than 2 MB") != std::string::npos);
    }
}

TEST_CASE("what is around an answer's content is bounded like the content") {
    // Each is whole and right, and has far more around one byte of content than any server needs.
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string extension = ";" + std::string(1'000, 'e');
    std::string bytes;
    SECTION("a chunk extension") { bytes = chunked + "1;" + std::string(2u << 20, 'e') + "\r\nx\r\n0\r\n\r\n"; }
    SECTION("chunk extensions, each short") {
        bytes = chunked;
        for (int i = 0; i < 2'000; ++i) bytes += "1" + extension + "\r\nx\r\n";
        bytes += "0\r\n\r\n";
    }
    SECTION("trailers") {
        bytes = chunked + "1\r\nx\r\n0\r\n";
        for (int i = 0; i < 2'000; ++i) bytes += "T" + std::to_string(i) + ": " + std::string(1'000, 't') + "\r\n";
        bytes += "\r\n";
    }
    SECTION("headers") {
        bytes = "HTTP/1.1 200 OK\r\nX: " + std::string(2u << 20, 'h') + "\r\nContent-Length: 1\r\n\r\nx";
    }
    SECTION("interim answers") {
        for (int i = 0; i < 12; ++i)
            bytes += "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(60'000, 'l') + "\r\n\r\n";
        bytes += "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx";
    }
    TestServer server = answering([&](const Seen&) { return Reply{bytes, true, false, false}; });
    NetworkOptions options;
    options.max_response_bytes = 64u << 10;
    Client client(options);
    const auto response = client.get(server.url());
    REQUIRE_FALSE(response);
    INFO(response.error().message);
    CHECK(response.error().failure == Failure::TooLarge);
}

TEST_CASE("an interim answer is passed over: the answer itself follows") {
    TestServer server = answering([](const Seen&) {
        Reply reply = http_reply(200, "{\"a\":1}");
        reply.bytes =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" + reply.bytes;
        return reply;
    });
    Client client;
    for (int i = 0; i < 2; ++i) {
        const auto response = client.get(server.url());
        REQUIRE(response);
        CHECK(response->status == 200);
        CHECK(response->body == "{\"a\":1}");
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("interim answers without end are no answer") {
    TestServer server = answering([](const Seen&) {
        Reply reply = http_reply(200, "{}");
        std::string interim;
        for (int i = 0; i < 17; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
        reply.bytes = interim + reply.bytes;
        return reply;
    });
    Client client;
    const auto response = client.get(server.url());
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Protocol);
    CHECK(response.error().message.find("1xx") != std::string::npos);
}

TEST_CASE("nothing is sent that would put a line break or a NUL into a header") {
    TestServer server = answering([](const Seen&) { return http_reply(200, "{}"); });
    Client client;
    HttpRequest request;
    request.url = url_of(server.url());
    const std::string smuggled = "abc\r\nX-Injected: yes\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x";
    std::string named;
    SECTION("the token") {
        request.bearer = make_secret(smuggled);
        named = "access token";
    }
    SECTION("a token that ends in a line break") {
        request.bearer = make_secret("abc\n");
        named = "access token";
    }
    SECTION("a value that the server gave") {
        request.headers = {{"If-Match", smuggled}};
        named = "If-Match";
    }
    SECTION("NUL") {
        request.headers = {{"If-Match", std::string("a\0b", 3)}};
        named = "If-Match";
    }
    SECTION("a name") {
        request.headers = {{"X\r\nY", "1"}};
        named = "line break";
    }
    SECTION("the method") {
        request.method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET";
        named = "method";
    }
    SECTION("the target, however it came to be") {
        request.url.target = "/a HTTP/1.1\r\nX: y";
        named = "URL";
    }
    const auto response = client.request(request);
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Protocol);
    CHECK(response.error().message.find(named) != std::string::npos);
    CHECK(response.error().message.find("Injected") == std::string::npos);
    CHECK(server.requests().empty());
}

TEST_CASE("a server that does not answer is given up at the timeout") {
    TestServer server = answering([](const Seen&) { return Reply{"", false, true, false}; });
    Client client;
    const auto response = client.get(server.url(), 50ms);
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Timeout);
    CHECK(response.error().message.find("50 ms") != std::string::npos);
}

TEST_CASE("a port where nothing listens") {
    Client client;
    const auto response = client.get("http://127.0.0.1:" + std::to_string(closed_port()) + "/");
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Refused);
    CHECK(response.error().message.find("Nothing listens") != std::string::npos);
}

TEST_CASE("a host that does not exist") {
    Client client;
    const auto response = client.get("http://no-such-host.invalid/");
    REQUIRE_FALSE(response);
    CHECK(response.error().failure == Failure::Unreachable);
    CHECK(response.error().message.find("no-such-host.invalid") != std::string::npos);
}

TEST_CASE("a name is looked up") {
    TestServer server = answering([](const Seen&) { return http_reply(200, "{}"); });
    Client client;
    CHECK(client.get(server.url("localhost")));
}

TEST_CASE("requests beyond the line's bound are refused, not kept for ever") {
    TestServer server = answering([](const Seen&) { return Reply{"", false, true, false}; });
    NetworkOptions options;
    options.connections_per_host = 1;
    options.max_waiting = 3;
    Client client(options);
    Collector<NetError> refused;
    const auto ask = [&](int times) {
        client.network.post([&, times] {
            for (int i = 0; i < times; ++i) {
                HttpRequest request;
                request.url = url_of(server.url());
                client.network.request(request, [&](NetResult<HttpResponse> answer) { refused.add(answer.error()); });
            }
        });
    };
    ask(1);
    REQUIRE(server.wait_for_requests(1)); // it has the connection now
    ask(10);
    REQUIRE(refused.wait_for_size(7));
    CHECK(refused.all()[0].message.find("not sent") != std::string::npos);
}

TEST_CASE("stopping ends what is under way, at once and without an answer") {
    TestServer server = answering([](const Seen&) { return Reply{"", false, true, false}; });
    std::atomic<int> answers{0};
    {
        Client client;
        client.network.post([&] {
            for (int i = 0; i < 10; ++i) {
                HttpRequest request;
                request.url = url_of(server.url(i % 2 ? "localhost" : "127.0.0.1"));
                request.timeout = 60s;
                client.network.request(request, [&](NetResult<HttpResponse>) { ++answers; });
            }
        });
        REQUIRE(server.wait_for_requests(1));
    }
    CHECK(answers == 0);
}

TEST_CASE("reaching a server leaves a connection for the first request") {
    TestServer server = answering([](const Seen&) { return http_reply(200, "{}"); });
    Client client;
    std::promise<NetResult<void>> promise;
    client.network.post([&] {
        client.network.reach(url_of(server.url()), patience,
                             [&](NetResult<void> result) { promise.set_value(std::move(result)); });
    });
    CHECK(value_in_time(promise));
    CHECK(client.get(server.url()));
    CHECK(server.connections() == 1);
}

} // namespace fhirscope::runtime::test
