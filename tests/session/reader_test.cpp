#include "session/replay.hpp"
#include "session_files.hpp"
#include "support/eventually.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sqlite3.h>

#include <fstream>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

// Changes a session file as no fhirscope would.
void run_sql(const std::string& path, const std::string& sql) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    const std::string message = sqlite3_errmsg(database);
    sqlite3_close(database);
    INFO(sql << ": " << message);
    REQUIRE(result == SQLITE_OK);
}

std::string a_session(const std::string& name) {
    const std::string path = fresh_path(name);
    std::vector<engine::Input> inputs = one_of_each();
    for (int i = 0; i < 3'000; ++i)
        inputs.push_back(frame_input(2'000'000'000'000'000 + i, "frame " + std::to_string(i * 7919)));
    write_session(path, inputs, {.tool_version = "9.9.9", .batch_inputs = 100});
    return path;
}

// What opening says; the message must name the file.
std::optional<ErrorCode> open_error(const std::string& path) {
    const auto reader = session::Reader::open(path);
    if (reader) return std::nullopt;
    INFO(reader.error().message);
    CHECK(reader.error().message.find(path) != std::string::npos);
    return reader.error().code;
}

// What opening or reading to the end says.
std::optional<ErrorCode> read_error(const std::string& path) {
    const auto reader = session::Reader::open(path);
    if (!reader) return open_error(path);
    const auto given = reader->for_each([](const engine::Input&) { return true; });
    if (given) return std::nullopt;
    INFO(given.error().message);
    CHECK(given.error().message.find(path) != std::string::npos);
    return given.error().code;
}

void write_file(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace

TEST_CASE("a file that is not there is missing") {
    CHECK(open_error(fresh_path("not-there.fhirscope")) == ErrorCode::Missing);
}

TEST_CASE("a file of another kind is foreign") {
    const std::string path = fresh_path("foreign.fhirscope");
    SECTION("text") { write_file(path, "{\"t\":\"2026-02-10T10:30:15.123Z\"}\n"); }
    SECTION("empty") { write_file(path, ""); }
    SECTION("another program's database") { run_sql(path, "CREATE TABLE a (b)"); }
    CHECK(open_error(path) == ErrorCode::Foreign);
}

TEST_CASE("a folder is foreign") { CHECK(open_error(output) == ErrorCode::Foreign); }

TEST_CASE("a file cut off anywhere is damaged or readable to a point, and never a crash") {
    const std::string path = a_session("whole.fhirscope");
    const auto size = std::filesystem::file_size(path);
    const std::string cut = fresh_path("cut.fhirscope");
    std::size_t damaged = 0, tried = 0;
    for (std::uintmax_t keep = 50; keep < size; keep += 1'777, ++tried) {
        std::filesystem::copy_file(path, cut, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::resize_file(cut, keep);
        INFO("first " << keep << " of " << size << " bytes");
        if (read_error(cut) == ErrorCode::Damaged) ++damaged;
    }
    CHECK(tried > 5);
    CHECK(damaged == tried);
}

TEST_CASE("one changed byte in a batch is found, and the inputs before it are given") {
    const std::string path = a_session("changed.fhirscope");
    run_sql(path,
            "UPDATE inputs SET data = substr(data, 1, 20) || x'ff00ff' || substr(data, 24) WHERE first = (SELECT "
            "MAX(first) FROM inputs)");
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    std::size_t given = 0;
    const auto read = reader->for_each([&](const engine::Input&) { return ++given > 0; });
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::Damaged);
    CHECK(given > 0); // of the batches before it
    CHECK(read.error().message.find("input " + std::to_string(given) + " ") != std::string::npos);
}

TEST_CASE("what a batch says of itself is checked too") {
    const std::string path = a_session("lying.fhirscope");
    SECTION("count") {
        run_sql(path,
                "UPDATE inputs SET count = count + 1 WHERE first = 0; UPDATE header SET value = value + 1 WHERE key = "
                "'inputs'");
    }
    SECTION("size") { run_sql(path, "UPDATE inputs SET size = 1 << 60 WHERE first = 0"); }
    SECTION("checksum") { run_sql(path, "UPDATE inputs SET checksum = 0 WHERE first = 0"); }
    SECTION("missing batch") {
        run_sql(path,
                "DELETE FROM inputs WHERE first = 100; UPDATE header SET value = value - 100 WHERE key = 'inputs'");
    }
    SECTION("missing last batch") { run_sql(path, "DELETE FROM inputs WHERE first = (SELECT max(first) FROM inputs)"); }
    SECTION("no table") { run_sql(path, "DROP TABLE inputs"); }
    SECTION("no header") { run_sql(path, "DELETE FROM header"); }
    CHECK(read_error(path) == ErrorCode::Damaged);
}

TEST_CASE("a session of the first format is refused with the version that wrote it") {
    const std::string path = a_session("older.fhirscope");
    run_sql(path, "UPDATE header SET value = '1' WHERE key = 'format_version'; DROP TABLE keyframes");
    const auto reader = session::Reader::open(path);
    REQUIRE_FALSE(reader);
    CHECK(reader.error().code == ErrorCode::Older);
    CHECK(reader.error().message.find("9.9.9") != std::string::npos);
}

TEST_CASE("a session of a newer format is read as far as its tables are known") {
    const std::string path = a_session("newer.fhirscope");
    const std::size_t inputs = read_all(path).size();
    run_sql(path, "UPDATE header SET value = '3' WHERE key = 'format_version'");
    SECTION("with a table more") {
        run_sql(path, "CREATE TABLE notes (at INTEGER PRIMARY KEY, text TEXT UNIQUE)");
        const auto reader = session::Reader::open(path);
        REQUIRE(reader);
        CHECK(reader->summary().format_version == 3);
        CHECK(reader->summary().further_tables == 1);
        CHECK(read_all(path).size() == inputs);
    }
    SECTION("with a table that has changed") {
        run_sql(path, "ALTER TABLE inputs ADD COLUMN flags INTEGER");
        CHECK(open_error(path) == ErrorCode::Foreign);
    }
    SECTION("with more than tables") {
        run_sql(path, "CREATE VIEW notes AS SELECT 1 AS one");
        CHECK(open_error(path) == ErrorCode::Foreign);
    }
}

TEST_CASE("a file's bounds hold up to the reader's own, and what was lowered is not compared") {
    engine::Config config;
    config.store.max_resource_bytes = std::size_t{1} << 40;
    const std::string path = fresh_path("greedy.fhirscope");
    write_session(path, {{at(1), engine::Start{config}}, {at(2), engine::Tick{}}});
    auto reader = session::Reader::open(path);
    REQUIRE(reader);
    const auto bound = [&] {
        std::size_t bytes = 0;
        REQUIRE(reader->for_each([&](const engine::Input& input) {
            if (const auto* start = std::get_if<engine::Start>(&input.body))
                bytes = start->config.store.max_resource_bytes;
            return true;
        }));
        return bytes;
    };
    CHECK(bound() == engine::StoreLimits{}.max_resource_bytes);
    REQUIRE(reader->lowered().size() == 1);
    CHECK(reader->lowered()[0].find("1099511627776") != std::string::npos);
    engine::Engine engine;
    const auto replayed = session::replay(*reader, engine);
    REQUIRE(replayed);
    CHECK_FALSE(replayed->equal);

    reader->bound_resources(std::size_t{1} << 40); // whoever opens it says so
    CHECK(bound() == std::size_t{1} << 40);
    CHECK(reader->lowered().empty());
}

TEST_CASE("a small file does not fill the memory of whoever opens it") {
    // Forty resources of a megabyte each, of one letter: a few kilobytes in the file.
    engine::Config config;
    config.mode = engine::Mode::Observe;
    config.base_url = "http://h/";
    std::vector<engine::Input> inputs{{at(1), engine::Start{config}}};
    std::int64_t t = 2;
    const auto put = [&](engine::InputBody body) { inputs.push_back({at(t++), std::move(body)}); };
    put(engine::Observed{"POST", "http://h/fhir/R4/Subscription", 201, nullptr,
                         engine::make_text(R"({"resourceType":"Subscription","id":"s1","criteria":"Task"})")});
    put(engine::SocketOpened{1});
    for (int i = 0; i < 40; ++i) {
        put(engine::Frame{
            1,
            engine::make_text(
                R"({"resourceType":"Bundle","type":"history","timestamp":"2026-02-10T10:30:00.000Z","entry":[{"resource":)"
                R"({"resourceType":"SubscriptionStatus","status":"active","type":"event-notification",)"
                R"("subscription":{"reference":"Subscription/s1"}}},{"resource":{"resourceType":"Task","id":"t)" +
                std::to_string(i) +
                R"(","meta":{"versionId":"1","lastUpdated":"2026-02-10T10:30:00.000Z"},"description":")" +
                std::string(1u << 20, 'd') + R"("}}]})")});
        put(engine::Drain{});
    }
    const std::string path = fresh_path("bomb.fhirscope");
    write_session(path, inputs);
    CHECK(std::filesystem::file_size(path) < 200'000);
    auto reader = session::Reader::open(path);
    REQUIRE(reader);
    reader->bound_resources(16u << 20);
    engine::Engine engine;
    REQUIRE(session::replay(*reader, engine));
    const auto snapshot = engine.publish();
    CHECK(snapshot->metrics.counters.applied == 40);
    CHECK(snapshot->memory_resources <= 16u << 20);
    CHECK(snapshot->keys_only >= 24);
}

TEST_CASE("a session can be read while it is being written") {
    const std::string path = fresh_path("growing.fhirscope");
    auto recorder = session::Recorder::create(path, {.commit_every = std::chrono::milliseconds(0)});
    REQUIRE(recorder);
    (*recorder)->add(frame_input(1, "one"));
    const auto inputs_in_file = [&] {
        const auto reader = session::Reader::open(path);
        return reader ? reader->summary().inputs : 0;
    };
    CHECK(eventually([&] { return inputs_in_file() == 1; }));
    REQUIRE((*recorder)->close({}));
}

TEST_CASE("inputs are read from any of them on, and counted up to any moment") {
    const std::string path = fresh_path("any-moment.fhirscope");
    std::vector<engine::Input> inputs = one_of_each();
    const std::int64_t begin = 2'000'000'000'000'000;
    for (int i = 0; i < 1'000; ++i) inputs.push_back(frame_input(begin + i / 3 * 10, "frame " + std::to_string(i)));
    write_session(path, inputs, {.batch_inputs = 64});
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);

    for (const std::uint64_t from : {0u, 1u, 17u, 18u, 63u, 64u, 65u, 700u, 1'017u, 1'018u, 5'000u}) {
        std::uint64_t number = from;
        const auto given =
            reader->for_each([&](const engine::Input& input) { return input.at == inputs.at(number++).at; }, from);
        REQUIRE(given);
        CHECK(*given == inputs.size() - std::min<std::uint64_t>(from, inputs.size()));
    }
    for (std::int64_t micros = begin - 5; micros < begin + 3'400; micros += 5) {
        const auto counted = reader->count_until(at(micros));
        REQUIRE(counted);
        const auto expected = std::count_if(inputs.begin(), inputs.end(),
                                            [&](const engine::Input& input) { return input.at <= at(micros); });
        CHECK(*counted == static_cast<std::uint64_t>(expected));
    }
    CHECK(*reader->count_until(LocalTime{}) == 0);
    CHECK(*reader->count_until(LocalTime::max()) == inputs.size());
}
