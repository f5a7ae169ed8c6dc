// docs/session.proto says what a batch holds, and is made of the same descriptions that write it. After a field was
// appended: FHIRSCOPE_GOLDEN=write test_session "docs/session.proto*".

#include "input_filler.hpp"
#include "proto_describer.hpp"
#include "session/format.hpp"
#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace fhirscope;
using namespace fhirscope::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string docs = std::string(fixtures) + "/../../docs";

constexpr std::string_view beginning =
    R"(// What a batch of inputs holds once it is decompressed: see session-format.md. Made by the test `session` of the
// descriptions in src/engine; it changes only by another field, alternative or enumerator at the end of its list.
// Texts are bytes as they came, mostly UTF-8. A number, text or time is absent only where an older version wrote it.
syntax = "proto2";
package fhirscope;

message Batch {
    repeated Input inputs = 1;
}
)";

std::string content_of(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

bool has_protoc() { return std::system("command -v protoc >/dev/null") == 0; }

} // namespace

TEST_CASE("docs/session.proto is what the descriptions say") {
    ProtoDescriber describer;
    describer.message<engine::Input>();
    CHECK(describer.forgotten().empty());
    const std::string text = std::string(beginning) + describer.text();
    const std::string path = docs + "/session.proto";
    const char* const wish = std::getenv("FHIRSCOPE_GOLDEN");
    if (wish && std::string_view(wish) == "write") std::ofstream(path, std::ios::binary) << text;
    CHECK(content_of(path) == text);
}

TEST_CASE("protoc reads a batch by docs/session.proto") {
    if (!has_protoc()) SKIP("protoc is not installed (protobuf-compiler)");
    std::string message;
    session::append(message, frame_input(1'770'719'400'000'000, "a frame's text"));
    InputFiller filler(7);
    for (int i = 0; i < 100; ++i) session::append(message, filler.input());
    const std::string batch = fresh_path("batch.pb"), text = fresh_path("batch.txt");
    std::ofstream(batch, std::ios::binary) << message;
    const std::string command = "protoc --decode=fhirscope.Batch --proto_path='" + docs + "' session.proto <'" + batch +
                                "' >'" + text + "' 2>&1";
    const int status = std::system(command.c_str());
    const std::string decoded = content_of(text);
    INFO(decoded.substr(0, 2'000));
    CHECK(status == 0);
    CHECK_THAT(decoded, ContainsSubstring("text: \"a frame\\'s text\""));
    // A field that it does not know is told by its number.
    std::istringstream lines(decoded);
    std::size_t read = 0;
    for (std::string line; std::getline(lines, line); ++read) {
        const std::size_t first = line.find_first_not_of(' ');
        REQUIRE((first == line.npos || std::isdigit(static_cast<unsigned char>(line[first])) == 0));
    }
    CHECK(read > 500);
}
