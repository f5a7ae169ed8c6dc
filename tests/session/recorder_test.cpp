#include "engine/build.hpp"
#include "session/database.hpp"
#include "session_files.hpp"
#include "support/eventually.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

std::string noise(std::size_t size, unsigned seed) { // cannot be compressed
    std::mt19937 random(seed);
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>('!' + random() % 90);
    return text;
}

std::uint64_t inputs_in(const std::string& path) {
    const auto reader = session::Reader::open(path);
    return reader ? reader->summary().inputs : 0;
}

} // namespace

TEST_CASE("every kind of input comes back from the file as it was") {
    const std::string path = fresh_path("each.fhirscope");
    const auto inputs = one_of_each();
    write_session(path, inputs,
                  {.tool_version = "1.2.3", .server = "http://127.0.0.1:8103/", .created = at(1'770'719'400'000'000)});

    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    CHECK(reader->summary().inputs == inputs.size());
    CHECK(reader->summary().first == inputs.front().at);
    CHECK(reader->summary().last == inputs.back().at);
    CHECK(reader->summary().tool_version == "1.2.3");
    CHECK(reader->summary().created == "2026-02-10T10:30:00.000Z");
    CHECK(reader->summary().complete);
    CHECK(reader->summary().state_hash == 0x0123456789abcdefULL);
    CHECK(reader->summary().build == engine::build());

    const auto read = read_all(path);
    REQUIRE(read.size() == inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        INFO("input " << i << ", " << engine::name_of(inputs[i].body));
        CHECK(engine::to_bytes(read[i]) == engine::to_bytes(inputs[i]));
    }
}

TEST_CASE("inputs keep their order and number over many batches") {
    const std::string path = fresh_path("batches.fhirscope");
    std::vector<engine::Input> inputs;
    for (int i = 0; i < 5'000; ++i) inputs.push_back(frame_input(i, std::to_string(i)));
    write_session(path, inputs, {.batch_inputs = 64});
    const auto read = read_all(path);
    REQUIRE(read.size() == inputs.size());
    for (std::size_t i = 0; i < read.size(); ++i)
        REQUIRE(*std::get<engine::Frame>(read[i].body).text == std::to_string(i));
}

TEST_CASE("reading stops when the reader has enough") {
    const std::string path = fresh_path("enough.fhirscope");
    write_session(path, one_of_each());
    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    int given = 0;
    CHECK(reader->for_each([&](const engine::Input&) { return ++given < 3; }) == 3u);
}

TEST_CASE("a closed session is one file that only its owner can read") {
    const std::string path = fresh_path("mode.fhirscope");
    const mode_t before = ::umask(0);
    write_session(path, one_of_each());
    ::umask(before);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK_FALSE(std::filesystem::exists(path + "-wal"));
    CHECK_FALSE(std::filesystem::exists(path + "-shm"));
}

TEST_CASE("a session of no inputs can be read") {
    const std::string path = fresh_path("none.fhirscope");
    write_session(path, {});
    CHECK(read_all(path).empty());
}

TEST_CASE("an existing file is not overwritten") {
    const std::string path = fresh_path("there.fhirscope");
    write_session(path, one_of_each());
    const auto again = session::Recorder::create(path, {});
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::Exists);
    CHECK(again.error().message.find(path) != std::string::npos);
    CHECK(read_all(path).size() == one_of_each().size());
}

TEST_CASE("a place that cannot be written is an error before anything is recorded") {
    const auto recorder = session::Recorder::create("/nonexistent-folder/a.fhirscope", {});
    REQUIRE_FALSE(recorder);
    CHECK(recorder.error().code == ErrorCode::Write);
    CHECK(recorder.error().message.find("/nonexistent-folder/a.fhirscope") != std::string::npos);
}

TEST_CASE("a queue that is full makes the producer wait and loses nothing") {
    const std::string path = fresh_path("full-queue.fhirscope");
    std::vector<engine::Input> inputs;
    for (int i = 0; i < 2'000; ++i) inputs.push_back(frame_input(i, noise(2'000, static_cast<unsigned>(i))));
    write_session(path, inputs, {.batch_bytes = 4'096, .queue_bytes = 8'192});
    const auto read = read_all(path);
    REQUIRE(read.size() == inputs.size());
    CHECK(engine::to_bytes(read.back()) == engine::to_bytes(inputs.back()));
}

TEST_CASE("a single input larger than the queue is recorded") {
    const std::string path = fresh_path("large.fhirscope");
    const auto input = frame_input(1, noise(300'000, 1));
    write_session(path, {input, input}, {.queue_bytes = 1'000});
    CHECK(engine::to_bytes(read_all(path).at(1)) == engine::to_bytes(input));
}

TEST_CASE("what was committed survives kill -9") {
    const std::string path = fresh_path("killed.fhirscope");
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) {
        auto recorder =
            session::Recorder::create(path, {.commit_every = std::chrono::milliseconds(5), .batch_inputs = 50});
        if (!recorder) ::_exit(1);
        for (int i = 0;; ++i) (*recorder)->add(frame_input(i, "frame " + std::to_string(i)));
    }
    std::uint64_t seen = 0;
    eventually([&] { return (seen = inputs_in(path)) >= 1'000; });
    ::kill(writer, SIGKILL);
    int status = 0;
    ::waitpid(writer, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(seen >= 1'000);

    const auto reader = session::Reader::open(path);
    REQUIRE(reader);
    CHECK_FALSE(reader->summary().complete);
    CHECK_FALSE(reader->summary().state_hash);
    CHECK(reader->summary().inputs >= seen);
    const auto read = read_all(path);
    CHECK(read.size() == reader->summary().inputs);
    for (std::size_t i = 0; i < read.size(); ++i)
        REQUIRE(*std::get<engine::Frame>(read[i].body).text == "frame " + std::to_string(i));
}

TEST_CASE("a disk that is full ends the recording once, and the program goes on") {
    const std::string path = fresh_path("disk-full.fhirscope");
    const pid_t writer = ::fork();
    REQUIRE(writer >= 0);
    if (writer == 0) { // the limit holds for a whole process
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{400'000, 400'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        int reports = 0;
        std::string message;
        auto recorder = session::Recorder::create(
            path, {.batch_bytes = 20'000, .queue_bytes = 40'000, .on_error = [&](const Error& error) {
                       ++reports;
                       message = error.message;
                   }});
        if (!recorder) ::_exit(2);
        for (unsigned i = 0; i < 500; ++i) (*recorder)->add(frame_input(i, noise(5'000, i)));
        const auto closed = (*recorder)->close({});
        if (reports != 1) ::_exit(3);
        if (closed || closed.error().code != ErrorCode::Write || !(*recorder)->failed()) ::_exit(4);
        if (message.find(path) == std::string::npos) ::_exit(5);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(writer, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    const auto read = read_all(path); // what was written before
    CHECK(read.size() > 5);
    CHECK(read.size() < 500);
}

TEST_CASE("a session that somebody has open while it ends is recorded to its end") {
    const std::string path = fresh_path("watched.fhirscope");
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    auto watcher = session::Database::open(path, session::Database::Mode::Read);
    REQUIRE(watcher);
    REQUIRE(watcher->integer("SELECT count(*) FROM header"));
    CHECK((*recorder)->close({}));
    CHECK(session::Reader::open(path));
}

TEST_CASE("what kill -9 takes is no more than 100 ms: inputs reach the file long before their batch ends") {
    CHECK(session::RecorderOptions{}.commit_every <= std::chrono::milliseconds(50)); // the rest is for writing
    const std::string path = fresh_path("slow.fhirscope");
    auto recorder = session::Recorder::create(path, {.batch_age = std::chrono::hours(1)});
    REQUIRE(recorder);
    for (std::uint64_t count = 1; count <= 5; ++count) {
        (*recorder)->add(frame_input(static_cast<std::int64_t>(count), "frame " + std::to_string(count)));
        REQUIRE(eventually([&] { return inputs_in(path) == count; }));
    }
    const auto rows = [&] {
        return session::Database::open(path, session::Database::Mode::Read)->integer("SELECT count(*) FROM inputs");
    };
    CHECK(rows() == 1); // of one batch, and packed as one
    REQUIRE((*recorder)->close({}));
    CHECK(rows() == 1);
    const auto read = read_all(path);
    REQUIRE(read.size() == 5);
    CHECK(*std::get<engine::Frame>(read[4].body).text == "frame 5");
}

TEST_CASE("a batch ends with its age, however little is in it") {
    const std::string path = fresh_path("aged.fhirscope");
    auto recorder = session::Recorder::create(
        path, {.commit_every = std::chrono::milliseconds(0), .batch_age = std::chrono::milliseconds(0)});
    REQUIRE(recorder);
    for (std::uint64_t count = 1; count <= 3; ++count) {
        (*recorder)->add(frame_input(static_cast<std::int64_t>(count), "frame"));
        REQUIRE(eventually([&] { return inputs_in(path) == count; }));
    }
    REQUIRE((*recorder)->close({}));
    CHECK(session::Database::open(path, session::Database::Mode::Read)->integer("SELECT count(*) FROM inputs") == 3);
    CHECK(read_all(path).size() == 3);
}

TEST_CASE("a program killed while it makes its file leaves a session or an empty file") {
    const std::string folder = (std::filesystem::path(output) / "session/").string();
    for (int run = 0; run < 12; ++run) {
        const std::string name = "making-" + std::to_string(run) + "-";
        constexpr int files = 200;
        for (int i = 0; i < files; ++i) static_cast<void>(fresh_path(name + std::to_string(i)));
        const pid_t maker = ::fork();
        REQUIRE(maker >= 0);
        if (maker == 0) {
            for (int i = 0; i < files; ++i)
                if (!session::Recorder::create(folder + name + std::to_string(i), {})) ::_exit(1);
            ::_exit(0);
        }
        const std::string first = folder + name + "0";
        REQUIRE(eventually([&] { return std::filesystem::exists(first); }));
        std::this_thread::sleep_for(std::chrono::microseconds(700 * run)); // another moment of the making in each run
        ::kill(maker, SIGKILL);
        int status = 0;
        ::waitpid(maker, &status, 0);
        for (int i = 0; i < files; ++i) {
            const std::string path = folder + name + std::to_string(i);
            if (!std::filesystem::exists(path)) break;
            const auto reader = session::Reader::open(path);
            INFO(path << ": " << (reader ? "" : reader.error().message));
            if (reader) CHECK(reader->summary().inputs == 0);
            if (!reader) CHECK(std::filesystem::file_size(path) == 0);
        }
    }
}

TEST_CASE("a recording whose file or journal is taken away says so, once, and fails") {
    const std::string path = fresh_path("taken.fhirscope"), moved = fresh_path("moved.fhirscope");
    std::atomic<int> reports = 0;
    std::string message;
    auto recorder = session::Recorder::create(
        path, {.commit_every = std::chrono::milliseconds(0), .on_error = [&](const Error& error) {
                   message = error.message;
                   ++reports;
               }});
    REQUIRE(recorder);
    (*recorder)->add(frame_input(1, "one"));
    REQUIRE(eventually([&] { return inputs_in(path) == 1; }));
    std::string left;
    SECTION("removed") { std::filesystem::remove(path); }
    SECTION("renamed") {
        std::filesystem::rename(path, moved);
        left = moved;
    }
    SECTION("replaced") {
        std::filesystem::rename(path, moved);
        std::filesystem::copy_file(moved, path);
        left = moved;
    }
    SECTION("its journal removed") {
        std::filesystem::remove(path + "-wal");
        left = path;
    }
    SECTION("without another input") {}
    const bool taken = !std::filesystem::exists(path) || !left.empty();
    if (taken) {
        (*recorder)->add(frame_input(2, "two"));
        REQUIRE(eventually([&] { return reports == 1; }));
        CHECK(message.find(path) != std::string::npos);
        CHECK((*recorder)->failed());
    } else {
        std::filesystem::remove(path); // nothing comes any more that would be missed
    }
    const auto closed = (*recorder)->close({1, engine::Counters{}});
    REQUIRE_FALSE(closed);
    CHECK(closed.error().code == ErrorCode::Gone);
    CHECK(reports == (taken ? 1 : 0));
    if (!left.empty()) CHECK(read_all(left).size() == 1);
}

TEST_CASE("what another recording left beside the name is neither used nor removed") {
    const std::string path = fresh_path("left.fhirscope"), journal = path + "-wal";
    std::ofstream(journal) << "of a session that was killed and moved";
    const auto refused = session::Recorder::create(path, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Exists);
    CHECK(refused.error().message.find(journal) != std::string::npos);
    CHECK(std::filesystem::file_size(journal) > 0);
    CHECK_FALSE(std::filesystem::exists(path));
}
