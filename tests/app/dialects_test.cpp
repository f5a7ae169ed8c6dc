// `serve --dialect` and a `connect` that finds it out by itself.
#include "fhir/json.hpp"
#include "program.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <csignal>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

class DialectServer {
public:
    explicit DialectServer(const std::string& dialect)
        : program_({"serve", "--dialect", dialect, "--client-id", "board", "--client-secret", "some-long-secret",
                    "--patients", "10", "--tasks", "20", "--rate", "5"}) {
        url = program_.wait_for_line("listening on ").substr(std::string("listening on ").size());
        secret_file = fresh_path("secret-" + dialect + ".txt");
        write_file(secret_file, "some-long-secret\n");
    }
    Outcome connect(std::vector<std::string> more) const {
        std::vector<std::string> all{"connect",   url,          "--client-id", "board", "--client-secret-file",
                                     secret_file, "--headless", "--json"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }
    std::string url, secret_file;

private:
    Program program_;
};

} // namespace

TEST_CASE("connect finds out how a server speaks, follows it, and ends equal; the recording replays") {
    const auto dialect = GENERATE(as<std::string>(), "medplum", "backport-r4", "r4b", "r5", "hapi");
    INFO(dialect);
    const DialectServer server(dialect);
    const std::string path = fresh_path("dialect-" + dialect + ".fhirscope");
    const Outcome outcome = server.connect({"--seconds", "3", "--record", path});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto summary = fhir::parse_json(outcome.last_line());
    REQUIRE(summary);
    CHECK((*summary)["server_equal"].IsTrue());
    CHECK((*summary)["updates_applied"].GetUint64() > 30); // more than the baseline
    const Outcome replay = run({"replay", path, "--headless", "--json"});
    INFO(replay.out << replay.err);
    CHECK(replay.exit_code == 0);
    CHECK((*fhir::parse_json(replay.last_line()))["state_hash"] == (*summary)["state_hash"]);
}

TEST_CASE("a dialect and a payload can be asked for") {
    const DialectServer server("r5");
    const Outcome outcome =
        server.connect({"--seconds", "2", "--dialect", "r5", "--payload", "id-only", "--bind-frame", "colon"});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(run({"connect", server.url, "--dialect", "r9"}).exit_code == 2);
    CHECK(run({"connect", server.url, "--bind-frame", "morse"}).exit_code == 2);
    CHECK(run({"serve", "--dialect", "r9"}).exit_code == 2);
}
