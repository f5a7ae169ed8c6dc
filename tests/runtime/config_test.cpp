#include "runtime/config.hpp"

#include "runtime/transport.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace fhirscope::runtime {
namespace {

class ConfigWorld {
public:
    ConfigWorld() {
        static int number = 0;
        home = std::filesystem::path(tests::output) / "config" / std::to_string(number++);
        std::filesystem::remove_all(home);
        std::filesystem::create_directories(home / ".medplum");
    }
    std::string write(const std::string& name, const std::string& text) const {
        const auto path = home / name;
        std::ofstream(path) << text;
        chmod(path.c_str(), 0600);
        return path.string();
    }
    Result<Connection> configure(const ConnectionFlags& flags = {}) const {
        return runtime::configure(flags, {[this](const char* name) -> std::optional<std::string> {
                                              const auto found = environment.find(name);
                                              return found == environment.end() ? std::nullopt
                                                                                : std::optional(found->second);
                                          },
                                          home});
    }
    std::filesystem::path home;
    std::map<std::string, std::string> environment;
};

// As Medplum's command line writes it: the profile is a JSON text inside the JSON.
const char* const profile =
    R"({"options":"{\"name\":\"ward\",\"authType\":\"client-credentials\",\"baseUrl\":\"https://profile.test\",)"
    R"(\"fhirUrlPath\":\"fhir/R4\",\"clientId\":\"profile-id\",\"clientSecret\":\"profile-secret\"}","activeLogin":"{}"})";

} // namespace

TEST_CASE("the environment alone says where and as whom") {
    ConfigWorld world;
    world.environment = {{"MEDPLUM_BASE_URL", "https://env.test"},
                         {"MEDPLUM_CLIENT_ID", "env-id"},
                         {"MEDPLUM_CLIENT_SECRET", "env-secret"}};
    const auto connection = world.configure();
    REQUIRE(connection);
    CHECK(connection->base_url == "https://env.test/");
    CHECK(connection->token_url == "https://env.test/oauth2/token");
    CHECK(connection->fhir_path == "fhir/R4/");
    CHECK(connection->client_id == "env-id");
    CHECK(connection->client_secret->expose() == "env-secret");
}

TEST_CASE("a profile of Medplum's command line comes before the environment") {
    ConfigWorld world;
    world.write(".medplum/ward.json", profile);
    world.environment = {{"MEDPLUM_BASE_URL", "https://env.test/"},
                         {"MEDPLUM_CLIENT_ID", "env-id"},
                         {"MEDPLUM_CLIENT_SECRET", "env-secret"}};
    ConnectionFlags flags;
    flags.profile = "ward";
    const auto connection = world.configure(flags);
    REQUIRE(connection);
    CHECK(connection->base_url == "https://profile.test/");
    CHECK(connection->client_id == "profile-id");
    CHECK(connection->client_secret->expose() == "profile-secret");
}

TEST_CASE("a flag comes before the profile") {
    ConfigWorld world;
    world.write(".medplum/ward.json", profile);
    ConnectionFlags flags;
    flags.profile = "ward";
    flags.base_url = "https://flag.test:8103/fhir/R4";
    flags.client_id = "flag-id";
    flags.client_secret_file = world.write("secret", "flag-secret\n");
    flags.token_url = "https://flag.test/token";
    const auto connection = world.configure(flags);
    REQUIRE(connection);
    CHECK(connection->base_url == "https://flag.test:8103/");
    CHECK(connection->fhir_path == "fhir/R4/");
    CHECK(connection->client_id == "flag-id");
    CHECK(connection->client_secret->expose() == "flag-secret");
    CHECK(connection->token_url == "https://flag.test/token");
    CHECK(connection->notes.empty());
}

TEST_CASE("the default profile is read where it exists, and a profile by hand may be flat") {
    ConfigWorld world;
    world.write(".medplum/default.json", R"({"baseUrl":"https://flat.test/","clientId":"a","clientSecret":"b"})");
    const auto connection = world.configure();
    REQUIRE(connection);
    CHECK(connection->base_url == "https://flat.test/");
    CHECK(connection->client_id == "a");
}

TEST_CASE("credentials that belong to another server are not sent, and a note says so") {
    ConfigWorld world;
    ConnectionFlags flags;
    flags.base_url = "https://other.test/";
    SECTION("of the default profile") {
        world.write(".medplum/default.json", profile);
        const auto connection = world.configure(flags);
        REQUIRE(connection);
        CHECK(connection->client_id.empty());
        CHECK(connection->client_secret == nullptr);
        REQUIRE(connection->notes.size() == 1);
        CHECK(connection->notes[0].find("https://profile.test") != std::string::npos);
    }
    SECTION("of the environment") {
        world.environment = {
            {"MEDPLUM_BASE_URL", "https://env.test"}, {"MEDPLUM_CLIENT_ID", "i"}, {"MEDPLUM_CLIENT_SECRET", "s"}};
        const auto connection = world.configure(flags);
        REQUIRE(connection);
        CHECK(connection->client_id.empty());
        CHECK(connection->notes.size() == 1);
    }
    SECTION("but those of an environment that names no server are") {
        world.environment = {{"MEDPLUM_CLIENT_ID", "i"}, {"MEDPLUM_CLIENT_SECRET", "s"}};
        const auto connection = world.configure(flags);
        REQUIRE(connection);
        CHECK(connection->client_id == "i");
        CHECK(connection->notes.empty());
    }
}

TEST_CASE("a person's own login of Medplum's command line is used") {
    ConfigWorld world;
    ConnectionFlags flags;
    flags.profile = "me";
    SECTION("with the server that the profile names") {
        world.write(
            ".medplum/me.json",
            R"({"options":"{\"baseUrl\":\"https://profile.test/\"}","activeLogin":"{\"accessToken\":\"a-person's-token\",\"refreshToken\":\"r\"}"})");
        const auto connection = world.configure(flags);
        REQUIRE(connection);
        CHECK(connection->base_url == "https://profile.test/");
        REQUIRE(connection->access_token);
        CHECK(connection->access_token->expose() == "a-person's-token");
    }
    SECTION("without one it is Medplum's own, and goes to no other by default") {
        world.write(".medplum/default.json", R"({"activeLogin":"{\"accessToken\":\"a-person's-token\"}"})");
        flags.profile = "";
        CHECK(world.configure(flags)->base_url == "https://api.medplum.com/");
        flags.base_url = "https://other.test/";
        const auto other = world.configure(flags);
        REQUIRE(other);
        CHECK_FALSE(other->access_token);
        CHECK(other->notes.size() == 1);
    }
    SECTION("who has logged out has none") {
        world.write(".medplum/me.json",
                    R"({"options":"{\"baseUrl\":\"https://profile.test/\"}","activeLogin":"null"})");
        CHECK_FALSE(world.configure(flags)->access_token);
    }
}

TEST_CASE("without a client id there is no login") {
    ConfigWorld world;
    world.environment = {{"MEDPLUM_BASE_URL", "http://open.test"}};
    const auto connection = world.configure();
    REQUIRE(connection);
    CHECK(connection->client_id.empty());
    CHECK(connection->access_token == nullptr);
}

TEST_CASE("an access token serves where there is no client id") {
    ConfigWorld world;
    world.environment = {{"MEDPLUM_BASE_URL", "https://h"}, {"MEDPLUM_CLIENT_ACCESS_TOKEN", "given"}};
    REQUIRE(world.configure());
    CHECK(world.configure()->access_token->expose() == "given");
    world.environment["MEDPLUM_CLIENT_ID"] = "i";
    world.environment["MEDPLUM_CLIENT_SECRET"] = "s";
    CHECK(world.configure()->access_token == nullptr);
}

TEST_CASE("what cannot be used is refused with the file and the reason") {
    ConfigWorld world;
    ConnectionFlags flags;
    const auto expect = [&](ErrorCode code, std::initializer_list<const char*> words) {
        const auto connection = world.configure(flags);
        REQUIRE_FALSE(connection);
        CHECK(connection.error().code == code);
        INFO(connection.error().message);
        for (const char* word : words) CHECK(connection.error().message.find(word) != std::string::npos);
    };
    SECTION("no server") { expect(ErrorCode::NoServer, {"MEDPLUM_BASE_URL"}); }
    SECTION("not a URL") {
        flags.base_url = "api.medplum.com";
        expect(ErrorCode::BadUrl, {"api.medplum.com", "https://"});
    }
    SECTION("a query in the server's address") {
        flags.base_url = "http://h/?x=1";
        expect(ErrorCode::BadUrl, {"query"});
    }
    SECTION("an id without a secret") {
        flags.base_url = "http://h/";
        flags.client_id = "abc";
        expect(ErrorCode::NoSecret, {"abc", "MEDPLUM_CLIENT_SECRET", "--client-secret-file"});
    }
    SECTION("a profile that is not there") {
        flags.profile = "nobody";
        expect(ErrorCode::Profile, {"nobody.json", "No such file"});
    }
    SECTION("a profile that leads elsewhere") {
        flags.profile = "../../etc/passwd";
        expect(ErrorCode::Profile, {"not a profile's name"});
    }
    SECTION("a profile that is not JSON") {
        flags.profile = "ward";
        world.write(".medplum/ward.json", "{\"options\": ");
        expect(ErrorCode::Profile, {"ward.json", "not a Medplum profile"});
    }
    SECTION("a profile whose inner JSON is damaged") {
        flags.profile = "ward";
        world.write(".medplum/ward.json", R"({"options":"{\"baseUrl\":"})");
        expect(ErrorCode::Profile, {"ward.json", "options"});
    }
    SECTION("a profile with a number for a text") {
        flags.profile = "ward";
        world.write(".medplum/ward.json", R"({"baseUrl":7})");
        expect(ErrorCode::Profile, {"baseUrl", "not a text"});
    }
    SECTION("a profile that is a folder") {
        flags.profile = "folder";
        std::filesystem::create_directories(world.home / ".medplum/folder.json");
        expect(ErrorCode::Profile, {"folder.json", "folder"});
    }
    SECTION("an empty secret file") {
        flags.base_url = "http://h/";
        flags.client_secret_file = world.write("secret", "\nx");
        expect(ErrorCode::SecretFile, {"secret", "empty"});
    }
    SECTION("a secret file that is not there") {
        flags.base_url = "http://h/";
        flags.client_secret_file = (world.home / "none").string();
        expect(ErrorCode::SecretFile, {"none", "No such file"});
    }
    SECTION("a secret file that is a pipe") { // it would be waited for
        flags.base_url = "http://h/";
        flags.client_secret_file = (world.home / "pipe").string();
        REQUIRE(mkfifo(flags.client_secret_file.c_str(), 0600) == 0);
        expect(ErrorCode::SecretFile, {"pipe", "regular file"});
    }
    SECTION("a profile without end") {
        flags.profile = "endless";
        std::filesystem::create_directories(world.home / ".medplum");
        std::filesystem::create_symlink("/dev/zero", world.home / ".medplum/endless.json");
        expect(ErrorCode::Profile, {"endless.json", "device"});
    }
    SECTION("a ca-file that is too large") {
        flags.base_url = "http://h/";
        flags.ca_file = world.write("ca", std::string((1u << 20) + 1, 'x'));
        expect(ErrorCode::CaFile, {"larger than 1 MB"});
    }
    SECTION("a ca-file that holds no certificate") {
        flags.base_url = "http://h/";
        flags.ca_file = world.write("ca", "hello");
        expect(ErrorCode::CaFile, {"PEM"});
    }
}

TEST_CASE("credentials that would travel in clear are refused, or said where that is allowed") {
    ConfigWorld world;
    world.environment = {{"MEDPLUM_CLIENT_ID", "i"}, {"MEDPLUM_CLIENT_SECRET", "s"}};
    ConnectionFlags flags;
    flags.base_url = "https://h.test/";
    const auto refused = [&] {
        const auto connection = world.configure(flags);
        REQUIRE_FALSE(connection);
        CHECK(connection.error().code == ErrorCode::Insecure);
        return connection.error().message;
    };
    SECTION("a login address of http for a server of https, wherever it comes from, allowed or not") {
        SECTION("the command line") { flags.token_url = "http://127.0.0.1:9/oauth2/token"; }
        SECTION("the environment") { world.environment["MEDPLUM_TOKEN_URL"] = "http://h.test/oauth2/token"; }
        SECTION("a profile") {
            world.write(".medplum/default.json", R"({"baseUrl":"https://h.test/","tokenUrl":"http://h.test/t"})");
        }
        CHECK(refused().find("not protected") != std::string::npos);
        flags.insecure_http = true;
        refused();
    }
    SECTION("http to another machine") {
        flags.base_url = "http://h.test:8103/";
        CHECK(refused().find("--insecure-http") != std::string::npos);
        flags.insecure_http = true;
        const auto connection = world.configure(flags);
        REQUIRE(connection);
        REQUIRE(connection->notes.size() == 1);
        CHECK(connection->notes[0].find("unencrypted to h.test:8103") != std::string::npos);
    }
    SECTION("an access token, too") {
        world.environment = {{"MEDPLUM_CLIENT_ACCESS_TOKEN", "given"}};
        flags.base_url = "http://192.0.2.2/";
        CHECK(refused().find("access token") != std::string::npos);
    }
    SECTION("a login of https does not protect the token afterwards") {
        flags.base_url = "http://h.test/";
        flags.token_url = "https://login.test/token";
        CHECK(refused().find("unencrypted to h.test") != std::string::npos);
    }
    SECTION("this machine's own addresses are no way to listen at") {
        for (const char* url : {"http://127.0.0.1:8103/", "http://localhost:8103/", "http://[::1]:8103/"}) {
            flags.base_url = url;
            const auto connection = world.configure(flags);
            REQUIRE(connection);
            CHECK(connection->notes.empty());
        }
    }
    SECTION("without credentials there is nothing to protect") {
        world.environment.clear();
        flags.base_url = "http://h.test/";
        CHECK(world.configure(flags));
    }
}

TEST_CASE("a name that only begins like this machine's is another machine's") {
    for (const char* host : {"localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
        CHECK(is_loopback(host));
    for (const char* host : {"127.0.0.1.evil.test", "localhost.evil.test", "127.evil.test", "10.0.0.1", "::2", ""})
        CHECK_FALSE(is_loopback(host));
}

TEST_CASE("a token with a line break is cleaned at its end, and refused inside") {
    ConfigWorld world;
    world.environment = {{"MEDPLUM_BASE_URL", "https://h"}, {"MEDPLUM_CLIENT_ACCESS_TOKEN", "given\r\n"}};
    REQUIRE(world.configure());
    CHECK(world.configure()->access_token->expose() == "given");
    world.environment["MEDPLUM_CLIENT_ACCESS_TOKEN"] = "gi\nven";
    const auto connection = world.configure();
    REQUIRE_FALSE(connection);
    CHECK(connection.error().code == ErrorCode::BadToken);
    CHECK(connection.error().message.find("ven") == std::string::npos);
}

TEST_CASE("a secret file that others can read is used, with a note") {
    ConfigWorld world;
    ConnectionFlags flags;
    flags.base_url = "https://h/";
    flags.client_id = "i";
    flags.client_secret_file = world.write("secret", "s");
    CHECK(world.configure(flags)->notes.empty());
    chmod(flags.client_secret_file.c_str(), 0644);
    const auto connection = world.configure(flags);
    REQUIRE(connection);
    REQUIRE(connection->notes.size() == 1);
    CHECK(connection->notes[0].find("chmod 600") != std::string::npos);
}

} // namespace fhirscope::runtime
