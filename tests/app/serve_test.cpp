// `fhirscope serve`: what its options say is what it does. What its faults do is tested in tests/server.
#include "program.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <csignal>
#include <filesystem>

using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string secret_file(const std::string& name) {
    const std::string path = fresh_path(name);
    write_file(path, "not-a-real-secret\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path;
}

} // namespace

TEST_CASE("serve takes its secret from a file, and a client of it is in sync with either Medplum", "[waits]") {
    const std::string secret = secret_file("serve.secret");
    for (const char* behaviour : {"medplum-5.0", "medplum-5.1"}) {
        Program server({"serve", "--client-id", "a-client", "--client-secret-file", secret, "--behave-as", behaviour,
                        "--rate", "5", "--token-lifetime", "5", "--binding-lifetime", "8"});
        const std::string line = server.wait_for_line("listening on ");
        const Outcome client = run({"connect", line.substr(line.find("http")), "--client-id", "a-client",
                                    "--client-secret-file", secret, "--headless", "--seconds", "12", "--json"});
        INFO(behaviour << ": " << client.out << client.err);
        CHECK(client.exit_code == 0);
        CHECK_THAT(client.out, ContainsSubstring("\"server_equal\":true"));
        server.signal(SIGTERM);
        const Outcome ended = server.wait();
        CHECK(ended.exit_code == 0);
        CHECK_THAT(ended.out + ended.err,
                   !ContainsSubstring("not-a-real-secret") && !ContainsSubstring("Other machines"));
    }
}

TEST_CASE("serve warns when other machines can reach it") {
    Program server({"serve", "--host", "0.0.0.0", "--patients", "1", "--tasks", "1"});
    server.wait_for_line("listening on ");
    server.signal(SIGTERM);
    const Outcome ended = server.wait();
    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.err,
               ContainsSubstring("Other machines can reach this server") && ContainsSubstring("unencrypted"));
}

TEST_CASE("serve refuses what it cannot do, and says why") {
    const Outcome fault = run({"serve", "--fault", "flood"});
    CHECK(fault.exit_code == 2);
    CHECK_THAT(fault.err, ContainsSubstring("flood") && ContainsSubstring("revoke-logins"));
    const Outcome policy = run({"serve", "--policy", "?gender=female"});
    CHECK(policy.exit_code == 1);
    CHECK_THAT(policy.err, ContainsSubstring("?gender=female"));
    CHECK(run({"serve", "--behave-as", "medplum-4"}).exit_code == 2);
    CHECK(run({"serve", "--client-secret", "a", "--client-secret-file", "b"}).exit_code == 2);
    CHECK(run({"serve", "--client-secret-file", "/nonexistent"}).exit_code == 1);
}
