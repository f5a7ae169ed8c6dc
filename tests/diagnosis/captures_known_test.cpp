// Captures of real clients and of kinds that people meet: which incidents come of each, and what is never said of one.

#include "capture.hpp"

#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <filesystem>
#include <string_view>

namespace fhirscope::tests {
namespace {

std::string known(const std::string& name) { return std::string(fixtures) + "/" + name + ".jsonl"; }

// Those of one cause.
std::vector<std::string> said_of(const Followed& followed, std::string_view id) {
    std::vector<std::string> lines = followed.said();
    std::erase_if(lines, [&](const std::string& line) { return !line.starts_with(std::string(id) + " "); });
    return lines;
}

std::vector<std::string> headlines(const Followed& followed, std::string_view id) {
    std::vector<diagnosis::IncidentPtr> found = followed.incidents;
    std::erase_if(
        found, [&](const auto& one) { return one->id != id; });
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->from < b->from; });
    std::vector<std::string> all;
    for (const auto& one : found) all.push_back(one->headline);
    return all;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("captures in which the client was told of all have no incident") {
    const char* name = GENERATE("bom", "lone-surrogate", "truncated", "mid-session", "criteria-escaped", "hapi",
                                "poll-only", "token-uuid", "r4b-full");
    INFO(name);
    CHECK(Followed(known(std::string("captures/") + name)).said().empty());
}

TEST_CASE("captures in which something is missing have the incident of it, and nobody knows how it went on") {
    CHECK(Followed(known("captures/reopen")).said() == Lines{"D42 not-known attention [Task?status=requested]"});
    CHECK(Followed(known("captures/left-criteria")).said() == Lines{"D10 not-known attention [Task?status=requested]"});
    CHECK(Followed(known("captures/r4b-gap")).said() == Lines{"D14 not-known attention [Task?status=requested]"});
}

TEST_CASE("a close that was not captured is not said to have been seen") {
    const Followed followed(known("captures/reopen"));
    CHECK(followed.text().find("its close was not captured") != std::string::npos);
}

TEST_CASE("a client of Medplum that is told of all has no incident but the requests that were refused") {
    // $get-ws-binding-token by POST, which Medplum does not have, and one without an id.
    const Lines refused = {"D47 ended info []"};
    CHECK(Followed(known("medplum-5.0.10/happy")).said() == refused);
    CHECK(Followed(known("medplum-5.1.26/happy")).said() == refused);
    CHECK(Followed(known("medplum-5.0.10/poll")).said() == refused);
    CHECK(Followed(known("medplum-5.1.26/poll")).said() == refused);
    // Its own writes raced, and the server sent older versions after newer ones.
    CHECK(Followed(known("medplum-5.0.10/burst")).said() == Lines{"D47 ended info []", "D16 ended info [Patient]"});
}

TEST_CASE("each socket that a client of Medplum lost is told with what it did not learn") {
    const char* version = GENERATE("5.0.10", "5.1.26");
    INFO(version);
    const Looks looks = GENERATE(Looks::EachSecond, Looks::OnceAtTheEnd); // by a command, or in a window
    const Followed followed(known(std::string("medplum-") + version + "/reconnect"), looks);
    // 1 the TCP connection ends, and the old token is bound in vain; 2 B is closed, 3 C is, and its Task is not bound
    // again; 4 of two sockets one is closed, which ends the Subscription for both; 5 F2; 6 G, after which Patient is
    // not bound again. F1 is lost while F2 hears the same: no loss.
    CHECK(said_of(followed, "D42") == Lines{"D42 not-known attention [Patient]", "D42 not-known attention [Patient]",
                                            "D42 not-known info [Task]", "D42 not-known attention [Patient]",
                                            "D42 not-known attention [Patient]", "D42 not-known info [Patient]"});
    const Lines all = headlines(followed, "D42");
    REQUIRE(all.size() == 6);
    CHECK(all[0].find("the socket was lost (1006), and no search followed; 3 changes did not reach it") !=
          std::string::npos);
    CHECK(all[3].find("1 change did not reach it") != std::string::npos);
    for (const std::size_t i : {1U, 2U, 4U, 5U}) CHECK(all[i].find("reach") == std::string::npos);
    CHECK(all[2].find("nothing of Task any more") != std::string::npos);
    CHECK(said_of(followed, "D18").empty()); // each of two sockets gets a copy
    CHECK(said_of(followed, "D19").empty()); // what has ended is no second Subscription
}

TEST_CASE("what a server of Medplum refused is told by its kind") {
    const char* version = GENERATE("5.0.10", "5.1.26");
    INFO(version);
    const Followed followed(known(std::string("medplum-") + version + "/errors"));
    CHECK(said_of(followed, "D39") == Lines{"D39 ended attention []"}); // accepted with another login
    CHECK(said_of(followed, "D40") == Lines{"D40 ended info []"});
    CHECK(said_of(followed, "D56") == Lines{"D56 ended error [Patient]"});
    CHECK(said_of(followed, "D13") == Lines{"D13 ended error [Patient]"});
    CHECK(said_of(followed, "D27") == Lines{"D27 ended error []"});
    CHECK(said_of(followed, "D29") == Lines{"D29 ended attention []"});
    CHECK(headlines(followed, "D39") == Lines{"4 requests of the client were refused with 401, then one was accepted"});
    CHECK(headlines(followed, "D40") ==
          Lines{"1 request of the client was refused with 401, and accepted after a new login"});
    CHECK(said_of(followed, "D15").empty());
    CHECK(said_of(followed, "D26").empty());
}

TEST_CASE("a client of Medplum is told of what matches, and what left its criteria is shown later") {
    const char* version = GENERATE("5.0.10", "5.1.26");
    INFO(version);
    const Followed followed(known(std::string("medplum-") + version + "/criteria"));
    // Each was shown by the next frame, a second later: none is left at the end.
    for (const std::string& one : said_of(followed, "D10")) CHECK(one.starts_with("D10 repaired attention ["));
    CHECK(said_of(followed, "D15").empty()); // what matches was told of
    CHECK(said_of(followed, "D42").empty());
    CHECK(said_of(followed, "D13").size() == 2); // a Subscription, and an operation of one
}

// What only a connection of one's own can show, or be advised.
TEST_CASE("nothing is said of a capture that it cannot show") {
    std::size_t looked_at = 0;
    for (const char* folder : {"captures", "medplum-5.0.10", "medplum-5.1.26"})
        for (const auto& entry : std::filesystem::directory_iterator(std::string(fixtures) + "/" + folder)) {
            if (entry.path().extension() != ".jsonl") continue;
            const Followed followed(entry.path().string());
            const std::string text = followed.text();
            INFO(entry.path() << "\n" << text);
            for (const char* never : {"onnection is live", "under way", "Happens by itself", "Reconnect", "Compare all",
                                      "fhirscope", "going on", "caught up", "$BASE"})
                CHECK(text.find(never) == std::string::npos);
            for (const auto& one : followed.incidents) {
                CHECK_FALSE(one->open());
                CHECK(one->to >= one->from);
                ++looked_at;
            }
        }
    CHECK(looked_at > 30);
}

} // namespace fhirscope::tests
