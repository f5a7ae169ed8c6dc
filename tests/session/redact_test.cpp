#include "session/redact.hpp"

#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <sstream>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

const std::string jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

std::string redacted(std::string_view text) {
    session::Redactor redactor;
    return redactor.apply(text).value_or(std::string(text));
}

} // namespace

TEST_CASE("secrets are replaced in every form in which they travel") {
    CHECK(redacted(R"({"token":")" + jwt + R"("})") == R"({"token":"<redacted-1>"})");
    CHECK(redacted("bearer " + jwt + " end") == "bearer <redacted-1> end");
    CHECK(redacted("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.") == "<redacted-1>"); // unsigned
    CHECK(redacted(R"({"client_secret": "hunter2"})") == R"({"client_secret": "<redacted-1>"})");
    CHECK(redacted(R"({"access_token":"opaque","x":1})") == R"({"access_token":"<redacted-1>","x":1})");
    CHECK(redacted("grant_type=client_credentials&client_secret=hunter2&x=1") ==
          "grant_type=client_credentials&client_secret=<redacted-1>&x=1");
    CHECK(redacted(R"({"data":"{\"refresh_token\":\"abc\",\"b\":2}"})") ==
          R"({"data":"{\"refresh_token\":\"<redacted-1>\",\"b\":2}"})");
    CHECK(redacted(R"({"client_secret":"a\"b","c":1})") == R"({"client_secret":"<redacted-1>","c":1})");
    CHECK(redacted(R"({"client_secret":"cut off)") == R"({"client_secret":"<redacted-1>)");
}

TEST_CASE("aliases and ordinary text stay as they are") {
    for (const std::string text :
         {R"({"access_token":"<access-token-1>"})", R"({"client_secret":""})", R"({"note":"client_secret"})",
          R"({"description":"eyJ is how a token begins"})", R"({"x_client_secret":"a"})", "eyJ", "eyJa.b", ""}) {
        INFO(text);
        session::Redactor redactor;
        CHECK_FALSE(redactor.apply(text));
        CHECK(redactor.replaced() == 0);
    }
}

TEST_CASE("the same secret keeps its alias, so its use can be followed") {
    session::Redactor redactor;
    const std::string other = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJiIn0.c2ln";
    CHECK(redactor.apply(jwt + " " + other) == "<redacted-1> <redacted-2>");
    CHECK(redactor.apply(other) == "<redacted-2>");
    CHECK(redactor.replaced() == 3);
}

TEST_CASE("no secret reaches the file, wherever in an input it stands") {
    const std::string path = fresh_path("secret.fhirscope");
    const auto text = [](const std::string& t) { return engine::make_text(t); };
    std::vector<engine::Input> inputs{
        {at(1), engine::Frame{1, text(R"({"token":")" + jwt + "\"}")}},
        {at(2), engine::FrameSent{1, text(jwt)}},
        {at(3),
         engine::HttpAnswer{1, 200, "", "", "/x?token=" + jwt, "", "", "", text(R"({"access_token":"opaque-token"})")}},
        {at(4), engine::HttpFailed{1, engine::Failure::Login, "refused client_secret=hunter2"}},
        {at(5), engine::SocketFailed{1, engine::Failure::Tls, jwt}},
        {at(6), engine::SocketClosed{1, 1000, jwt}},
        {at(7),
         engine::Observed{"POST", "http://x/?client_secret=hunter2", 200, text("client_secret=hunter2"), text(jwt)}},
    };
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    for (const auto& input : inputs) (*recorder)->add(input);
    REQUIRE((*recorder)->close({1, {}}));
    CHECK((*recorder)->redacted() == 10);

    std::string all;
    for (const auto& input : read_all(path)) all += engine::to_bytes(input);
    for (const std::string& secret : {jwt, std::string("opaque-token"), std::string("hunter2")}) {
        INFO(secret);
        CHECK(all.find(secret) == std::string::npos);
    }
    CHECK(session::Reader::open(path)->summary().redacted == 10);
}
