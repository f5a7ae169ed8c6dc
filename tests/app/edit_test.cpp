// `fhirscope edit`: against a server in this process, so that its history tells what was written.
#include "fhir/json.hpp"
#include "program.hpp"
#include "server/server.hpp"
#include "support/eventually.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <thread>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string reference = "Task/5ce7a210-0000-4000-8000-000000000001";

class EditServer {
public:
    explicit EditServer(bool read_only = false) : server(options(read_only)) {
        REQUIRE(server.start());
        REQUIRE(server.put(
            R"({"resourceType":"Task","id":"5ce7a210-0000-4000-8000-000000000001","status":"requested","intent":"order",)"
            R"("priority":"routine","description":"Call the pharmacy","authoredOn":"2026-02-01T08:00:00Z"})"));
        secret_file_ = fresh_path("edit-secret.txt");
        write_file(secret_file_, server.client_secret() + "\n");
    }
    std::vector<std::string> command_line(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "edit");
        for (const std::string& one : {std::string("--server"), server.base_url(), std::string("--client-id"),
                                       server.client_id(), std::string("--client-secret-file"), secret_file_})
            arguments.push_back(one);
        return arguments;
    }
    Outcome edit(std::vector<std::string> arguments) const { return run(command_line(std::move(arguments))); }
    // The first try is refused for the moment; another user writes before the second.
    Outcome edit_while_another_writes(const char* member, const char* value, std::vector<std::string> arguments) {
        server.fail_writes(1, 409); // not written, for sure: a 5xx would leave that open
        const auto errors = server.stats().errors;
        Program program(command_line(std::move(arguments)));
        REQUIRE(eventually([&] { return server.stats().errors > errors; }));
        REQUIRE(server.set_member(reference, member, value));
        return program.wait();
    }
    std::string member(const char* name) const {
        const auto json = fhir::parse_json(*server.get(reference));
        return json->HasMember(name) ? fhir::to_text((*json)[name]) : std::string();
    }
    std::size_t versions() const { return server.history(reference).size(); }

    server::EmbeddedServer server;

private:
    static server::ServerOptions options(bool read_only) {
        server::ServerOptions all;
        all.patients = 2;
        all.tasks = 5;
        all.rate = 0;
        all.read_only = read_only;
        return all;
    }
    std::string secret_file_;
};

rapidjson::Document json_of(const Outcome& outcome) {
    INFO(outcome.out << outcome.err);
    auto json = fhir::parse_json(outcome.last_line());
    REQUIRE(json);
    REQUIRE(json->IsObject());
    return std::move(*json);
}

} // namespace

TEST_CASE("an edit is written as a new version, whole or as a patch") {
    const std::string method = GENERATE("put", "patch");
    const EditServer server;
    const Outcome outcome = server.edit({reference, "status", "accepted", "--method", method, "--json"});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto json = json_of(outcome);
    CHECK(json["outcome"] == "written");
    CHECK(json["before"] == "requested");
    CHECK(json["after"] == "accepted");
    CHECK(json["problem"].IsNull());
    CHECK(server.member("status") == "\"accepted\"");
    REQUIRE(server.versions() == 2);
    CHECK_THAT(server.server.history(reference).front(), ContainsSubstring(json["written_version"].GetString()));
}

TEST_CASE("an edit in words says the version and the values") {
    const EditServer server;
    const Outcome outcome = server.edit({reference, "priority", "urgent"});
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.out,
               ContainsSubstring(reference + " written as version ") && ContainsSubstring("\"routine\" → \"urgent\""));
}

TEST_CASE("a field can be taken away, and one that is not there can be made") {
    const EditServer server;
    CHECK(server.edit({reference, "description", "--remove"}).exit_code == 0);
    CHECK(server.member("description").empty());
    CHECK(server.edit({reference, "restriction.period.end", "2026-03-01"}).exit_code == 0);
    CHECK_THAT(server.member("restriction"), ContainsSubstring("2026-03-01"));
    CHECK(server.edit({reference, "note[+].text", "Called at noon"}).exit_code == 0);
    CHECK_THAT(server.member("note"), ContainsSubstring("Called at noon"));
}

TEST_CASE("an edit to what is so already writes nothing") {
    const EditServer server;
    const Outcome outcome = server.edit({reference, "status", "requested", "--json"});
    CHECK(outcome.exit_code == 0);
    CHECK(json_of(outcome)["outcome"] == "unchanged");
    CHECK(server.versions() == 1);
}

TEST_CASE("a Task that comes back from its end is warned about, and written") {
    EditServer server;
    REQUIRE(server.server.set_member(reference, "status", "\"completed\""));
    const Outcome outcome = server.edit({reference, "status", "in-progress"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.err, ContainsSubstring("unusual for a Task: completed → in-progress"));
    CHECK(server.member("status") == "\"in-progress\"");
}

TEST_CASE("an edit merges with another user's, where they touch different fields") {
    EditServer server;
    const Outcome outcome =
        server.edit_while_another_writes("priority", "\"urgent\"", {reference, "status", "accepted", "--json"});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto json = json_of(outcome);
    CHECK(json["outcome"] == "written");
    REQUIRE(json["conflicts"].Size() == 1);
    CHECK(json["conflicts"][0]["outcome"] == "merged");
    CHECK(json["conflicts"][0]["author"] == "A colleague");
    CHECK(server.member("status") == "\"accepted\"");
    CHECK(server.member("priority") == "\"urgent\"");
}

TEST_CASE("an edit of a field that another user changed is reported, and not written") {
    EditServer server;
    const Outcome outcome =
        server.edit_while_another_writes("status", "\"rejected\"", {reference, "status", "accepted", "--json"});
    INFO(outcome.out << outcome.err);
    CHECK(outcome.exit_code == 3);
    CHECK_THAT(outcome.err, ContainsSubstring("--on-conflict"));
    const auto json = json_of(outcome);
    CHECK(json["outcome"] == "conflict");
    REQUIRE(json["conflicts"].Size() == 1);
    const auto& field = json["conflicts"][0]["fields"][0];
    CHECK(field["path"] == "status");
    CHECK(field["base"] == "requested");
    CHECK(field["local"] == "accepted");
    CHECK(field["server"] == "rejected");
    CHECK(server.member("status") == "\"rejected\"");
    CHECK(server.versions() == 2);
}

TEST_CASE("a strategy decides where an edit meets another user's") {
    EditServer server;
    SECTION("local: it is written over it") {
        const Outcome outcome = server.edit_while_another_writes(
            "status", "\"rejected\"", {reference, "status", "accepted", "--on-conflict", "local"});
        CHECK(outcome.exit_code == 0);
        CHECK_THAT(outcome.out, ContainsSubstring("kept local"));
        CHECK(server.member("status") == "\"accepted\"");
    }
    SECTION("server: it is dropped, and that is said") {
        const Outcome outcome = server.edit_while_another_writes(
            "status", "\"rejected\"", {reference, "status", "accepted", "--on-conflict", "server"});
        CHECK(outcome.exit_code == 3);
        CHECK_THAT(outcome.err, ContainsSubstring("the server's version stands"));
        CHECK(server.member("status") == "\"rejected\"");
    }
}

TEST_CASE("what cannot be written is said, with the reason, and nothing is sent") {
    const auto [path, value, message] = GENERATE(table<std::string, std::string, std::string>({
        {"color", "red", "color"},
        {"status.code", "ready", "status"},
        {"id", "other", "id"},
        {"meta.versionId", "1", "meta"},
        {"note[", "x", "note["},
        {"restriction", "x", "restriction"},
        {"priority", "very", "routine"},
        {"status", "finished", "usually next: received, accepted"},
        {"restriction.period.end", "2026-02-30", "2026-02-30"},
        {"restriction.period.end", "soon", "soon"},
        {"restriction.repetitions", "many", "many"},
    }));
    const EditServer server;
    const Outcome outcome = server.edit({reference, path, value, "--json"});
    INFO(path << ": " << outcome.err << outcome.out);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring(message) && ContainsSubstring("Nothing was sent"));
    CHECK(json_of(outcome)["outcome"] == "invalid");
    CHECK(server.versions() == 1);
}

TEST_CASE("a field that must be there cannot be taken away") {
    const EditServer server;
    const Outcome outcome = server.edit({reference, "status", "--remove"});
    INFO(outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.err, ContainsSubstring("status"));
    CHECK(server.versions() == 1);
}

TEST_CASE("a resource that is deleted, or was never there, is told apart") {
    EditServer server;
    SECTION("deleted") {
        REQUIRE(server.server.remove(reference));
        const Outcome outcome = server.edit({reference, "status", "accepted", "--json"});
        INFO(outcome.err);
        CHECK(outcome.exit_code == 1);
        CHECK_THAT(outcome.err, ContainsSubstring("was deleted") && ContainsSubstring("Nothing was sent"));
        CHECK(json_of(outcome)["outcome"] == "not-held");
        CHECK(server.versions() == 2); // the deletion is the last
    }
    SECTION("never there") {
        const Outcome outcome =
            server.edit({"Task/5ce7a210-0000-4000-8000-0000000000ff", "status", "accepted", "--json"});
        CHECK(outcome.exit_code == 1);
        CHECK_THAT(outcome.err, ContainsSubstring("not on the server, or hidden") && ContainsSubstring("404"));
    }
}

TEST_CASE("a login that may only read is told the server's refusal") {
    const std::string method = GENERATE("put", "patch");
    const EditServer server(true);
    const Outcome outcome = server.edit({reference, "status", "accepted", "--json", "--method", method});
    INFO(outcome.err);
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("refused") && ContainsSubstring("403"));
    CHECK(json_of(outcome)["outcome"] == "refused");
    CHECK(server.versions() == 1);
}

TEST_CASE("the server's words of a refusal are passed on") {
    EditServer server;
    server.server.fail_writes(1, 422, "A Task can be completed only by its owner");
    const Outcome outcome = server.edit({reference, "status", "completed"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.err, ContainsSubstring("only by its owner"));
    CHECK(server.versions() == 1);
}

TEST_CASE("an edit that no server answers ends in time") {
    EditServer server;
    server.server.fail_writes(1000, 503);
    const Outcome outcome = server.edit({reference, "status", "accepted", "--seconds", "3", "--json"});
    CHECK(outcome.exit_code == 1);
    CHECK(json_of(outcome)["outcome"] == "unanswered");
    CHECK_THAT(outcome.err, ContainsSubstring("within 3 s"));
}

TEST_CASE("an edit's command line is checked before anybody is asked") {
    const auto arguments = GENERATE(values<std::vector<std::string>>({
        {"edit"},
        {"edit", reference},
        {"edit", reference, "status"},
        {"edit", reference, "status", ""},
        {"edit", reference, "status", "ready", "--remove"},
        {"edit", "Task", "status", "ready"},
        {"edit", "Task/", "status", "ready"},
        {"edit", "Task/a b", "status", "ready"},
        {"edit", "../Task/1", "status", "ready"},
        {"edit", reference, "status", "ready", "--method", "post"},
        {"edit", reference, "status", "ready", "--on-conflict", "fight"},
        {"conflicts", "a.fhirscope", "--seconds", "3"},
    }));
    const Outcome outcome = run(arguments);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK_FALSE(outcome.err.empty());
}

TEST_CASE("a running server's conflicts can be watched") {
    EditServer server;
    const std::string secret = fresh_path("watch-secret.txt");
    write_file(secret, server.server.client_secret() + "\n");
    const Outcome outcome =
        run({"conflicts", "--server", server.server.base_url(), "--client-id", server.server.client_id(),
             "--client-secret-file", secret, "--seconds", "2", "--json", "--fail-on-open"});
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto json = json_of(outcome);
    CHECK(json["total"].GetUint64() == 0);
    CHECK(json["conflicts"].Empty());
}
