#include "runtime/url.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace fhirscope::runtime {

TEST_CASE("a URL is taken apart") {
    const auto url = parse_url("HTTPS://API.example.test:8443/base/?x=1#part");
    REQUIRE(url);
    CHECK(url->scheme == "https");
    CHECK(url->host == "api.example.test");
    CHECK(url->port == "8443");
    CHECK(url->target == "/base/?x=1");
    CHECK(url->text() == "https://api.example.test:8443/base/?x=1");
    CHECK(parse_url("ws://[::1]/ws")->authority() == "[::1]");
    CHECK(parse_url("wss://[::1]:80/ws")->authority() == "[::1]:80");
    CHECK(parse_url("http://h:80")->text() == "http://h/");
    CHECK(parse_url("http://h?x")->target == "/?x");
}

TEST_CASE("what is no URL is refused with the reason") {
    const auto why = [](const char* text) {
        const auto url = parse_url(text);
        return url ? "accepted" : url.error().message;
    };
    CHECK(why("api.example.test").find("http://") != std::string::npos);
    CHECK(why("ftp://h/").find("ftp") != std::string::npos);
    CHECK(why("http:///path").find("no host") != std::string::npos);
    CHECK(why("http://h:0/").find("port") != std::string::npos);
    CHECK(why("http://h:65536/").find("port") != std::string::npos);
    CHECK(why("http://h:8x/").find("port") != std::string::npos);
    CHECK(why("http://[::1/").find("not closed") != std::string::npos);
    CHECK(why("http://a b/").find("character") != std::string::npos);
}

TEST_CASE("a password in a URL is refused and not repeated") {
    const auto url = parse_url("https://user:hush-hush@h/");
    REQUIRE_FALSE(url);
    CHECK(url.error().message.find("hush") == std::string::npos);
}

TEST_CASE("a link from a server cannot put a second header into our request") {
    const auto url = resolve_url("http://h/", "fhir/R4/Task?x=1\r\nHost: evil");
    REQUIRE(url);
    CHECK(url->target == "/fhir/R4/Task?x=1%0D%0AHost:%20evil");
}

TEST_CASE("references are taken relative to the base unless they are absolute") {
    CHECK(resolve_url("http://h/a/", "fhir/R4/Task")->text() == "http://h/a/fhir/R4/Task");
    CHECK(resolve_url("http://h/a/", "/Task")->text() == "http://h/Task");
    CHECK(resolve_url("http://h/a/", "https://other/x")->text() == "https://other/x");
    CHECK(resolve_url("http://h/", "Task?code=http://loinc.org|1")->text() == "http://h/Task?code=http://loinc.org|1");
}

TEST_CASE("the same server is the same host, port and protection") {
    const Url base = *parse_url("https://h/");
    CHECK(base.same_server(*parse_url("wss://h:443/ws")));
    CHECK_FALSE(base.same_server(*parse_url("http://h:443/")));
    CHECK_FALSE(base.same_server(*parse_url("https://h:444/")));
    CHECK_FALSE(base.same_server(*parse_url("https://h.evil/")));
}

TEST_CASE("form fields are encoded") { CHECK(form_encode("a b&c=d/é~") == "a%20b%26c%3Dd%2F%C3%A9~"); }

} // namespace fhirscope::runtime
