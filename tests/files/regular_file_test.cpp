// What is opened and how much of it is read, whatever lies at the path.

#include "files/regular_file.hpp"

#include "files/private_folder.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

using namespace fhirscope;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

fs::path empty_folder() {
    const fs::path folder = fs::path(tests::output) / "files";
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

fs::path file_with(const std::string& bytes) {
    const fs::path path = empty_folder() / "file";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
}

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

// What reading it says; the message names the file.
std::optional<ErrorCode> refusal(const fs::path& path, std::uint64_t most) {
    const auto read = files::read_whole(path, most);
    if (read) return std::nullopt;
    INFO(read.error().message);
    CHECK_THAT(read.error().message, ContainsSubstring(path.string()));
    return read.error().code;
}

std::vector<std::string> lines_of(const fs::path& path, std::size_t longest) {
    auto file = files::RegularFile::open(path, 1U << 30U);
    REQUIRE(file);
    files::LineReader reader(std::move(*file), longest);
    std::vector<std::string> lines;
    for (;;) {
        const auto next = reader.next();
        REQUIRE(next);
        if (*next == files::LineReader::Next::End) return lines;
        lines.emplace_back(reader.line());
    }
}

} // namespace

TEST_CASE("a file is read whole, up to its bound and no further") {
    const std::string text = std::string(200'000, 'a') + std::string("\0\n\xff", 3);
    const fs::path path = file_with(text);
    CHECK(files::read_whole(path, text.size()) == text);
    CHECK(refusal(path, text.size() - 1) == ErrorCode::TooLarge);
    CHECK(files::read_whole(file_with(""), 0) == "");
    const fs::path link = path.parent_path() / "link";
    fs::create_symlink(file_with("linked"), link);
    CHECK(files::read_whole(link, 10) == "linked");
}

TEST_CASE("what is no regular file is refused without waiting, through a link as well") {
    const fs::path folder = empty_folder();
    const fs::path pipe = folder / "pipe", socket = folder / "socket";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(socket.string().size() < sizeof address.sun_path);
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    for (const fs::path& special : {pipe, socket, folder, fs::path("/dev/zero"), fs::path("/dev/tty")}) {
        const fs::path link = folder / "link";
        fs::remove(link);
        fs::create_symlink(special, link);
        CHECK(refusal(special, 1U << 20U) == ErrorCode::Special);
        CHECK(refusal(link, 1U << 20U) == ErrorCode::Special);
    }
    ::close(listening);
    fs::remove(folder / "link");
    fs::create_symlink(folder / "link", folder / "link");
    CHECK(refusal(folder / "link", 10) == ErrorCode::Unreadable);
    CHECK(refusal(folder / "none", 10) == ErrorCode::Missing);
}

TEST_CASE("the size that a file claims is not what bounds it") {
    CHECK(files::read_whole("/proc/self/status", 1U << 20U).value_or("").starts_with("Name:")); // it claims 0 bytes
    CHECK(refusal("/proc/self/status", 20) == ErrorCode::TooLarge);
    const fs::path path = file_with("");
    fs::resize_file(path, std::uintmax_t{1} << 40U); // without a block of its own
    CHECK(refusal(path, 1U << 20U) == ErrorCode::TooLarge);
}

TEST_CASE("a file tells whether others can read it") {
    const fs::path path = file_with("secret");
    fs::permissions(path, fs::perms{0600});
    CHECK_FALSE(files::RegularFile::open(path, 10)->others_may_read());
    fs::permissions(path, fs::perms{0640});
    CHECK(files::RegularFile::open(path, 10)->others_may_read());
}

TEST_CASE("lines are split as getline splits them") {
    const std::string block(65'536, 'x'); // as long as what is read at once
    for (const std::string& text :
         {std::string(), std::string("\n"), std::string("\n\n"), std::string("a"), std::string("a\n"),
          std::string("a\nb"), std::string("a\r\n\nb\n"), std::string("a\0b\nc", 5), block, block + "\n", block + "\nb",
          block.substr(1) + "\nb\n", block + block + "\n\n" + block}) {
        std::vector<std::string> expected;
        std::istringstream in(text);
        for (std::string line; std::getline(in, line);) expected.push_back(line);
        INFO(text.size() << " bytes");
        CHECK(lines_of(file_with(text), 1U << 20U) == expected);
    }
}

TEST_CASE("a line is read up to its bound and no further") {
    const std::string longest(100'000, 'x');
    CHECK(lines_of(file_with("a\n" + longest + "\nb\n" + longest), longest.size()).size() == 4);
    const fs::path path = file_with("a\n" + longest + "x");
    for (const std::string& end : {std::string(), std::string("\n"), std::string(1U << 20U, 'y')}) {
        std::ofstream(path, std::ios::binary | std::ios::app) << end;
        auto file = files::RegularFile::open(path, 1U << 30U);
        REQUIRE(file);
        files::LineReader reader(std::move(*file), longest.size());
        REQUIRE(reader.next());
        CHECK(reader.line() == "a");
        const auto next = reader.next();
        REQUIRE_FALSE(next);
        CHECK(next.error().code == ErrorCode::LineTooLong);
    }
}

TEST_CASE("what is made of a folder's path is its owner's alone, and what is there stays as it is") {
    const fs::path folder = empty_folder();
    fs::create_directories(folder / "there");
    fs::permissions(folder / "there", fs::perms{0755});
    const mode_t before = ::umask(0);
    REQUIRE(files::make_private_folder(folder / "there" / "new" / "newer"));
    ::umask(before);
    CHECK(mode_of(folder / "there") == 0755);
    CHECK(mode_of(folder / "there" / "new") == 0700);
    CHECK(mode_of(folder / "there" / "new" / "newer") == 0700);
    CHECK(files::make_private_folder(folder / "there" / "new"));

    std::ofstream(folder / "file") << "in the way";
    const auto refused = files::make_private_folder(folder / "file" / "new");
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, ContainsSubstring((folder / "file").string()));
}
