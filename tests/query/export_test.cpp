// Rows as text, CSV and NDJSON, and the file that they go to.

#include "query/export.hpp"

#include "fhir/harmless.hpp"
#include "fhir/json.hpp"
#include "support/synthetic_snapshot.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace fhirscope;
using namespace fhirscope::query;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using fhirscope::tests::Synthetic;

namespace {

engine::SnapshotPtr with_a_rejection() {
    auto snapshot = std::make_shared<engine::Snapshot>();
    snapshot->subscriptions.resize(1);
    snapshot->subscriptions[0].name = "Tasks, \"open\"";
    engine::UpdateRow row;
    row.received = Synthetic::now();
    row.dequeued = row.received + std::chrono::microseconds(22400);
    row.outcome = engine::Outcome::Rejected;
    row.subscription = 0;
    row.size = 412;
    snapshot->updates = engine::Log<engine::UpdateRow>::View::of({row});
    engine::Rejection rejection;
    rejection.stage = "validate";
    rejection.reason = engine::said("no id\nat all");
    snapshot->rejections = engine::Log<engine::Rejection, 64>::View::of({rejection});
    return snapshot;
}

std::string one_row(const engine::Snapshot& snapshot, Format format, std::uint64_t number = 0) {
    std::string out;
    RowWriter(snapshot, ConflictRows(), format).row(number, out);
    return out;
}

std::string folder() {
    const auto path = std::filesystem::path(tests::output) / "export";
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
    return path.string();
}

std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

std::size_t files(const std::string& path) {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()));
}

} // namespace

TEST_CASE("CSV quotes what must be quoted and has as many names as values") {
    const auto snapshot = with_a_rejection();
    const std::string row = one_row(*snapshot, Format::Csv);
    CHECK(row ==
          "0,2026-03-12T14:32:07.412000Z,,,,,false,\"Tasks, \"\"open\"\"\",socket,rejected,,,,22.400,412,,"
          "validate: no id\\nat all\n");
    const std::string head = RowWriter(*snapshot, ConflictRows(), Format::Csv).head();
    Synthetic data;
    const auto other = data.publish();
    const std::string plain = one_row(*other, Format::Csv, other->updates.end() - 1);
    CHECK(std::count(plain.begin(), plain.end(), ',') == std::count(head.begin(), head.end(), ','));
}

TEST_CASE("no cell of CSV is a formula, and numbers stay numbers") {
    const auto [given, cell] = GENERATE(table<std::string, std::string>({
        {"=1+1", "'=1+1"},
        {"=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""},
        {"+1+1", "'+1+1"},
        {"-2+3", "'-2+3"},
        {"@SUM(1)", "'@SUM(1)"},
        {"＝1+1", "'＝1+1"},
        {"\t=1+1", "\\t=1+1"},
        {"\r=1+1", "\\r=1+1"},
        {"\n=1+1", "\\n=1+1"},
        {"1=1", "1=1"},
        {"a,\"b\"", "\"a,\"\"b\"\"\""},
        {"\x1b[2J", "\\x1b[2J"},
        {"\xff", "\\xff"},
    }));
    auto snapshot = std::make_shared<engine::Snapshot>(*with_a_rejection());
    snapshot->subscriptions[0].name = given;
    const std::string row = one_row(*snapshot, Format::Csv);
    INFO(row);
    CHECK_THAT(row, ContainsSubstring(",false," + cell + ",socket,"));
    CHECK_THAT(row, ContainsSubstring(",22.400,412,"));
}

TEST_CASE("a latency below nothing is a number in CSV, not a text") {
    Synthetic data({.patients = 2, .tasks = 20, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    auto snapshot = data.publish();
    snapshot->connection.clock_offset = -std::chrono::hours(1); // changed an hour after it was received
    CHECK_THAT(one_row(*snapshot, Format::Csv, snapshot->updates.end() - 1), ContainsSubstring(",-3"));
}

TEST_CASE("every format has the whole versionId") {
    const std::string version = "0f2c9d4e-6b1a-4c3d-9e8f-001122334455-and-so-on-up-to-64-characte";
    auto snapshot = std::make_shared<engine::Snapshot>(*with_a_rejection());
    engine::UpdateRow row = snapshot->updates[0];
    version.copy(row.version.data(), row.version.size());
    snapshot->updates = engine::Log<engine::UpdateRow>::View::of({row});
    REQUIRE(version.size() == 64);
    for (const Format format : {Format::Text, Format::Csv, Format::Ndjson})
        CHECK_THAT(one_row(*snapshot, format), ContainsSubstring(version));
}

TEST_CASE("no format lets a value break a line or steer a terminal") {
    auto snapshot = std::make_shared<engine::Snapshot>(*with_a_rejection());
    snapshot->subscriptions[0].name = "x\x1b[2J\r\n2026 fake\u202e\u0085\xff";
    for (const Format format : {Format::Text, Format::Csv, Format::Ndjson}) {
        const std::string row = one_row(*snapshot, format);
        INFO(row);
        CHECK(std::count(row.begin(), row.end(), '\n') == 1);
        CHECK(fhir::harmless(std::string_view(row).substr(0, row.size() - 1)) + "\n" == row);
    }
    const auto read = fhir::parse_json(one_row(*snapshot, Format::Ndjson));
    REQUIRE(read);
    CHECK(fhir::string_at(*read, "subscription") == "x\x1b[2J\r\n2026 fake\u202e\u0085\uFFFD");
}

TEST_CASE("NDJSON is one object a line, without what is not known") {
    const std::string row = one_row(*with_a_rejection(), Format::Ndjson);
    CHECK(row ==
          R"({"seq":0,"received":"2026-03-12T14:32:07.412000Z","deleted":false,"subscription":"Tasks, \"open\"",)"
          R"("channel":"socket","outcome":"rejected","queued_ms":22.400,"size":412,)"
          R"("reason":"validate: no id\nat all"})"
          "\n");
    CHECK(fhir::parse_json(row).has_value());
}

TEST_CASE("text names the resource, its outcome and what its conflict makes of it") {
    Synthetic data({.patients = 2, .tasks = 20, .alerts = 0, .updates = 10, .seconds = 60, .gap = false});
    data.change_task(3, "completed", Synthetic::now());
    auto snapshot = data.publish();
    const std::uint64_t last = snapshot->updates.end() - 1;
    CHECK_THAT(one_row(*snapshot, Format::Text, last), StartsWith("2026-03-12T14:32:07.412000Z") &&
                                                           ContainsSubstring(data.task_reference(3)) &&
                                                           ContainsSubstring("applied"));
    engine::Chunked<engine::ConflictPtr> all;
    auto conflict = std::make_shared<engine::Conflict>();
    conflict->update = last;
    all.push_back(conflict);
    snapshot->conflicts = all.publish();
    ConflictRows rows;
    rows.update(snapshot);
    std::string out;
    RowWriter(*snapshot, rows, Format::Text).row(last, out);
    CHECK_THAT(out, ContainsSubstring("conflict"));
    out.clear();
    RowWriter(*snapshot, rows, Format::Csv).row(last, out);
    CHECK_THAT(out, ContainsSubstring("applied,Concurrent modification"));
}

TEST_CASE("an exported file is its owner's alone, and there only when it is whole") {
    const std::string path = folder() + "/rows.csv";
    {
        auto file = PrivateFile::create(path, PrivateFile::Existing::Refuse);
        REQUIRE(file);
        REQUIRE(file->write("a,b\n"));
        CHECK_FALSE(std::filesystem::exists(path));
        REQUIRE(file->commit());
    }
    CHECK(content(path) == "a,b\n");
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(files(std::filesystem::path(path).parent_path().string()) == 1);
}

TEST_CASE("a file that is there is kept unless it is to be replaced") {
    const std::string place = folder();
    const std::string path = place + "/rows.csv";
    std::ofstream(path) << "old";
    const auto refused = PrivateFile::create(path, PrivateFile::Existing::Refuse);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, ContainsSubstring(path) && ContainsSubstring("already"));
    {
        auto given_up = PrivateFile::create(path, PrivateFile::Existing::Replace);
        REQUIRE(given_up);
        REQUIRE(given_up->write("half"));
    }
    CHECK(content(path) == "old");
    CHECK(files(place) == 1);
    auto file = PrivateFile::create(path, PrivateFile::Existing::Replace);
    REQUIRE(file->write("new"));
    REQUIRE(file->commit());
    CHECK(content(path) == "new");
}

TEST_CASE("a name that is taken while the file is written is not taken over") {
    const std::string path = folder() + "/rows.csv";
    auto file = PrivateFile::create(path, PrivateFile::Existing::Refuse);
    REQUIRE(file);
    std::ofstream(path) << "another's";
    CHECK_FALSE(file->commit());
    CHECK(content(path) == "another's");
}

TEST_CASE("what is no file is not replaced by one") {
    const std::string place = folder(), pipe = place + "/pipe", link = place + "/link";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::filesystem::create_symlink("/dev/null", link);
    for (const std::string& special : {pipe, link, place}) {
        const auto refused = PrivateFile::create(special, PrivateFile::Existing::Replace);
        REQUIRE_FALSE(refused);
        CHECK_THAT(refused.error().message, ContainsSubstring(special + " cannot be written: it is a "));
    }
    CHECK(std::filesystem::is_fifo(pipe));
    CHECK(std::filesystem::is_symlink(link));
}

TEST_CASE("a place that cannot be written is named with the reason") {
    const auto refused = PrivateFile::create(folder() + "/missing/rows.csv", PrivateFile::Existing::Replace);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, ContainsSubstring("missing/rows.csv cannot be written: No such file"));
    CHECK_FALSE(PrivateFile::create("", PrivateFile::Existing::Replace));
}
