// Session files made to do harm, and those that an interrupted change left.

#include "session/check_file.hpp"
#include "session/database.hpp"
#include "session/format.hpp"
#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

using Mode = session::Database::Mode;

std::string session_of(const std::string& name, int frames = 300) {
    const std::string path = fresh_path(name);
    std::vector<engine::Input> inputs = one_of_each();
    for (int i = 0; i < frames; ++i)
        inputs.push_back(frame_input(2'000'000'000'000'000 + i, std::string(500, 'x') + std::to_string(i * 7919)));
    write_session(path, inputs, {.batch_inputs = 10});
    return path;
}

// Runs as SQLite lets anybody run it. "": done.
std::string change(const std::string& path, const std::string& sql) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    const std::string message = result == SQLITE_OK ? "" : sqlite3_errmsg(database);
    sqlite3_close(database);
    return message;
}

// Its pages go behind those of the session.
const std::string another_table =
    "CREATE TABLE t (a); WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100) INSERT INTO t "
    "SELECT zeroblob(2000) FROM c";

// A process that begins a change of the file, writes some of it and is killed: FILE-journal has the way back.
void interrupt_change(const std::string& path, const std::string& sql) {
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) {
        sqlite3* database = nullptr;
        // With a cache of one page, pages go to the disk before the change is complete.
        const std::string all = "PRAGMA journal_mode=DELETE; PRAGMA cache_size=1; BEGIN IMMEDIATE;" + sql;
        if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) ::_exit(2);
        if (sqlite3_exec(database, all.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) ::_exit(3);
        ::_exit(0); // no destructor, no rollback
    }
    int status = 0;
    ::waitpid(writer, &status, 0);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 0);
    REQUIRE(std::filesystem::file_size(path + "-journal") > 512);
}

Error refusal(const std::string& path) {
    const auto reader = session::Reader::open(path);
    REQUIRE_FALSE(reader);
    INFO(reader.error().message);
    CHECK_THAT(reader.error().message, ContainsSubstring(path));
    return reader.error();
}

} // namespace

TEST_CASE("a session whose schema is a program is refused, and nothing of it runs") {
    const std::string path = session_of("program.fhirscope");
    const std::string endless = " AS WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c) SELECT ";
    const auto [what, sql] = GENERATE_COPY(table<std::string, std::string>({
        {"an endless view of inputs", "ALTER TABLE inputs RENAME TO i; CREATE VIEW inputs" + endless +
                                          "x AS first, 1 AS count, 1 AS first_at, 1 AS last_at, 10 AS size, 0 AS "
                                          "checksum, zeroblob(10) AS data FROM c"},
        {"an endless view of the header",
         "ALTER TABLE header RENAME TO h; CREATE VIEW header" + endless + "'k' || x AS key, 'v' AS value FROM c"},
        {"a view beside them", "CREATE VIEW other" + endless + "x FROM c"},
        {"a trigger", "CREATE TRIGGER t AFTER INSERT ON inputs BEGIN DELETE FROM header; END"},
        {"a table", "CREATE TABLE other (a)"},
        {"an index that answers for the table", "CREATE INDEX i ON inputs (count, first_at, last_at)"},
        {"a column that is computed", "ALTER TABLE inputs ADD COLUMN more AS (zeroblob(1000000000))"},
        {"a table without its type", "DROP TABLE header; CREATE TABLE header (key, value)"},
        {"a virtual table", "DROP TABLE header; CREATE VIRTUAL TABLE header USING fts5(key, value)"},
    }));
    INFO(what);
    REQUIRE(change(path, sql).empty());
    const Error error = refusal(path);
    CHECK(error.code == ErrorCode::Foreign);
    CHECK_THAT(error.message, ContainsSubstring("was not tried"));
}

TEST_CASE("views and triggers do not run in whatever is opened, and its schema cannot be made writable") {
    const std::string path = session_of("views.fhirscope");
    REQUIRE(change(path,
                   "CREATE VIEW v AS SELECT 1 AS one; CREATE TABLE t (a); CREATE TRIGGER tr AFTER INSERT ON t "
                   "BEGIN DELETE FROM header; END")
                .empty());
    auto database = session::Database::open(path, Mode::Write);
    REQUIRE(database);
    CHECK_FALSE(database->integer("SELECT one FROM v"));
    CHECK(database->run("INSERT INTO t VALUES (1)"));
    CHECK(database->integer("SELECT count(*) > 0 FROM header") == 1);
    static_cast<void>(database->run("PRAGMA writable_schema=ON"));
    CHECK_FALSE(database->run("UPDATE sqlite_master SET sql = ''"));
    CHECK_FALSE(database->run("ATTACH ':memory:' AS other"));
}

TEST_CASE("a header or a batch that cannot be a session's is damage, and is not read further") {
    const std::string path = session_of("header.fhirscope");
    SECTION("many lines") {
        REQUIRE(change(path,
                       "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10000) INSERT "
                       "INTO header SELECT 'k' || x, 'v' FROM c")
                    .empty());
    }
    SECTION("a long line") {
        REQUIRE(
            change(path, "UPDATE header SET value = CAST(zeroblob(100000000) AS TEXT) WHERE key = 'server'").empty());
    }
    SECTION("no input") { REQUIRE(change(path, "UPDATE inputs SET count = 0 WHERE first = 0").empty()); }
    SECTION("fewer than none") { REQUIRE(change(path, "UPDATE inputs SET count = -1 WHERE first = 0").empty()); }
    SECTION("more than fit") { REQUIRE(change(path, "UPDATE inputs SET count = 1 << 62 WHERE first = 300").empty()); }
    SECTION("a batch of gigabytes") {
        REQUIRE(change(path, "UPDATE inputs SET data = zeroblob(300000000) WHERE first = 0").empty());
        const auto reader = session::Reader::open(path);
        REQUIRE(reader);
        const auto given = reader->for_each([](const engine::Input&) { return true; });
        REQUIRE_FALSE(given);
        CHECK(given.error().code == ErrorCode::Damaged);
        return;
    }
    CHECK(refusal(path).code == ErrorCode::Damaged);
}

TEST_CASE("the inputs of a batch are given one by one, up to the first that cannot be read") {
    std::string message;
    session::append(message, frame_input(1, "one"));
    session::append(message, frame_input(2, "two"));
    message += "no input";
    const session::Batch batch = session::pack(0, 3, at(1), at(3), message, 1);
    int given = 0;
    engine::PassedOver passed_over;
    const auto unpacked = session::unpack(batch, passed_over, [&](const engine::Input&) { return ++given > 0; });
    REQUIRE_FALSE(unpacked);
    CHECK(unpacked.error().code == ErrorCode::Damaged);
    CHECK(given == 2);
    given = 0;
    CHECK(session::unpack(batch, passed_over, [&](const engine::Input&) { return ++given < 1; }));
    CHECK(given == 1);
}

TEST_CASE("what lies beside a session has to be a file, too") {
    const std::string path = session_of("beside.fhirscope");
    const std::string beside = path + GENERATE("-wal", "-shm", "-journal");
    REQUIRE(::mkfifo(beside.c_str(), 0600) == 0);
    const Error error = refusal(path);
    std::filesystem::remove(beside);
    CHECK(error.code == ErrorCode::Foreign);
    CHECK_THAT(error.message, ContainsSubstring(beside));
}

TEST_CASE("a session that is a pipe or a device is refused without waiting") {
    const std::string pipe = fresh_path("pipe.fhirscope");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(refusal(pipe).code == ErrorCode::Foreign);
    const std::string link = fresh_path("device.fhirscope");
    std::filesystem::create_symlink("/dev/zero", link);
    CHECK(refusal(link).code == ErrorCode::Foreign);
}

TEST_CASE("a statement without an end can be given up") {
    std::stop_source stop;
    const auto database = session::Database::open(session_of("endless.fhirscope"), Mode::Read, stop.get_token());
    REQUIRE(database);
    std::jthread other([&] { stop.request_stop(); });
    const auto counted = database->integer(
        "WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c) SELECT "
        "count(*) FROM c");
    REQUIRE_FALSE(counted);
    CHECK(counted.error().code == ErrorCode::Cancelled);
}

TEST_CASE("opening and reading a session can be given up") {
    const std::string path = session_of("given-up.fhirscope");
    std::stop_source stop;
    SECTION("while it is opened") {
        stop.request_stop();
        const auto reader = session::Reader::open(path, stop.get_token());
        REQUIRE_FALSE(reader);
        CHECK(reader.error().code == ErrorCode::Cancelled);
    }
    SECTION("while somebody else has it locked") {
        sqlite3* other = nullptr;
        REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr) == SQLITE_OK);
        const auto began = std::chrono::steady_clock::now();
        std::jthread person([&] { stop.request_stop(); });
        const auto reader = session::Reader::open(path, stop.get_token());
        CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5)); // of 10
        sqlite3_close(other);
        REQUIRE_FALSE(reader);
        CHECK(reader.error().code == ErrorCode::Cancelled);
    }
    SECTION("while it is read") {
        const auto reader = session::Reader::open(path, stop.get_token());
        REQUIRE(reader);
        std::uint64_t given = 0;
        const auto read = reader->for_each([&](const engine::Input&) {
            stop.request_stop();
            return ++given > 0;
        });
        REQUIRE_FALSE(read);
        CHECK(read.error().code == ErrorCode::Cancelled);
        CHECK(given < reader->summary().inputs);
    }
}

TEST_CASE("a session whose last change was interrupted is read as it is, and says so") {
    const std::string path = session_of("interrupted.fhirscope");
    const auto before = read_all(path).size();
    interrupt_change(path, another_table);
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    CHECK(reader->summary().as_is);
    CHECK(reader->summary().complete);
    CHECK(read_all(path).size() == before);
    CHECK(std::filesystem::exists(path + "-journal")); // it was only read
    std::filesystem::remove(path + "-journal");
    CHECK_FALSE(session::Reader::open(path)->summary().as_is);
}

TEST_CASE("a garbage journal beside a session does not make it a damaged one") {
    const std::string path = session_of("garbage.fhirscope");
    std::ofstream(path + "-journal", std::ios::binary)
        << std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8) << std::string(5'000, '\x5a');
    CHECK(session::Reader::open(path)->summary().as_is);
    CHECK_FALSE(read_all(path).empty());
    std::filesystem::remove(path + "-journal");
}

TEST_CASE("a path may have any letters, also where a session is read as it is") {
    const std::string path = fresh_path("100%41?mode=rwc#ä b.fhirscope");
    std::filesystem::copy_file(session_of("plain.fhirscope"), path);
    interrupt_change(path, another_table);
    CHECK(session::Reader::open(path)->summary().as_is);
    std::filesystem::remove(path + "-journal");
}

TEST_CASE("a session that was being made when the program was killed holds nothing, and is not called damaged") {
    const std::string path = fresh_path("half-made.fhirscope");
    REQUIRE(change(path, "PRAGMA application_id=" + std::to_string(session::application_id)).empty());
    interrupt_change(path,
                     std::string(session::schema) +
                         "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100) INSERT INTO "
                         "header SELECT 'k' || x, zeroblob(2000) FROM c");
    const Error error = refusal(path);
    CHECK(error.code == ErrorCode::Foreign);
    CHECK_THAT(error.message, ContainsSubstring("Nothing was recorded"));
    std::filesystem::remove(path + "-journal");
}
