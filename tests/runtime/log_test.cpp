#include "runtime/log.hpp"

#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace fhirscope::runtime {
namespace {

// The logger of the other tests comes back, whatever happens.
struct KeepLogger {
    ~KeepLogger() { spdlog::set_default_logger(logger); }
    std::shared_ptr<spdlog::logger> logger = spdlog::default_logger();
};

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path folder(const char* name) {
    const auto path = std::filesystem::path(tests::output) / "log" / name;
    std::filesystem::remove_all(path);
    return path;
}

} // namespace

TEST_CASE("the log is a file that only its owner can read") {
    const KeepLogger keep;
    const auto directory = folder("private");
    const LogPlace place = set_up_log({directory, false, false});
    REQUIRE(place.problem.empty());
    spdlog::warn("something happened");
    spdlog::debug("a detail");
    CHECK(content(place.file).find("something happened") != std::string::npos);
    CHECK(content(place.file).find("a detail") == std::string::npos);
    struct stat info {};
    REQUIRE(stat(place.file.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    REQUIRE(stat(directory.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
}

TEST_CASE("a pipe in the place of the log is told, and not waited for") {
    const KeepLogger keep;
    const auto directory = folder("pipe");
    std::filesystem::create_directories(directory);
    REQUIRE(mkfifo((directory / "fhirscope.log").c_str(), 0600) == 0);
    const LogPlace place = set_up_log({directory, true, false});
    CHECK(place.file.empty());
    CHECK(place.problem.find("fhirscope.log cannot be written: it is a pipe") != std::string::npos);
}

TEST_CASE("what a server says stays one line of the log, and steers no terminal") {
    const KeepLogger keep;
    const LogPlace place = set_up_log({folder("harmless"), false, false});
    spdlog::warn("socket 1 closed: 4001 {}", "bye \x1b[2J\x1b[31m\r\n2026-01-01 fake log line\x07\u009b\u202e\xff");
    const std::string text = content(place.file);
    CHECK(
        text.ends_with(" warning socket 1 closed: 4001 bye \\x1b[2J\\x1b[31m\\r\\n2026-01-01 fake log line\\x07\\u009b"
                       "\\u202e\\xff\n"));
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("the log is bounded") {
    const KeepLogger keep;
    const auto directory = folder("bounded");
    set_up_log({directory, false, false});
    const std::string line(1 << 16, 'x');
    for (int i = 0; i < 200; ++i) spdlog::info("{}", line); // 13 MB
    spdlog::default_logger()->flush();
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        bytes += entry.file_size();
        struct stat info {};
        REQUIRE(stat(entry.path().c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0600);
    }
    CHECK(bytes > (4u << 20));
    CHECK(bytes < (9u << 20));
}

TEST_CASE("a folder that cannot be made leaves a program that runs, and says why there is no file") {
    const KeepLogger keep;
    const auto directory = folder("blocked");
    std::filesystem::create_directories(directory.parent_path());
    std::ofstream(directory) << "a file in the way";
    const LogPlace place = set_up_log({directory, true, false});
    CHECK(place.file.empty());
    CHECK_FALSE(place.problem.empty());
}

} // namespace fhirscope::runtime
