#include "session/import.hpp"

#include "session/replay.hpp"
#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>
#include <sys/stat.h>

#include <fstream>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

std::string fixture(const std::string& name) { return std::string(fixtures) + "/medplum-5.0.10/" + name + ".jsonl"; }

std::string write_transcript(const std::string& text) {
    const std::string path = fresh_path("transcript.jsonl");
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

const std::string open_line =
    R"({"t":"2026-02-10T10:30:00.000Z","dir":"ws-open","conn":"A","url":"ws://h:1/ws/subscriptions-r4","status":101})"
    "\n";

struct Outcome {
    Result<session::Imported> result;
    std::vector<engine::Input> inputs;

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const auto& input : inputs)
            if (const auto* one = std::get_if<T>(&input.body)) found.push_back(*one);
        return found;
    }
};

Outcome import_text(const std::string& text) {
    Outcome outcome{session::Imported{}, {}};
    engine::Engine engine;
    outcome.result = session::import_transcript(write_transcript(text), {}, engine,
                                                [&](const engine::Input& input) { outcome.inputs.push_back(input); });
    return outcome;
}

// What an import of these lines says; the message names file and line.
void check_refused(const std::string& text, int line, const std::string& says) {
    INFO(text);
    const Outcome outcome = import_text(text);
    REQUIRE_FALSE(outcome.result);
    const Error& error = outcome.result.error();
    INFO(error.message);
    CHECK(error.code == ErrorCode::Transcript);
    CHECK(error.message.find("transcript.jsonl, line " + std::to_string(line) + ": ") != std::string::npos);
    CHECK(error.message.find(says) != std::string::npos);
}

// The rest of it is imported, and this is said.
void check_left_out(const std::string& text, int line, const std::string& says) {
    INFO(text);
    const Outcome outcome = import_text(text);
    REQUIRE(outcome.result);
    CHECK(outcome.result->left_out == 1);
    CHECK(outcome.result->first_left_out.starts_with("line " + std::to_string(line) + ": "));
    CHECK(outcome.result->first_left_out.find(says) != std::string::npos);
}

} // namespace

TEST_CASE("an exchange becomes one observed input with the texts as they were") {
    const Outcome outcome = import_text(
        R"({"t":"2026-02-10T10:30:00.000Z","dir":"http-request","method":"PUT","url":"http://h:1/fhir/R4/Task/1","headers":{},"body":{ "b" : 1.50, "a" : "x  \" y" }})"
        "\n"
        R"({"t":"2026-02-10T10:30:00.100Z","dir":"note","note":"nothing"})"
        "\n"
        R"({"t":"2026-02-10T10:30:00.250Z","dir":"http-response","method":"PUT","url":"http://h:1/fhir/R4/Task/1","status":409,"ms":250,"headers":{},"body":"<html>"})"
        "\n");
    REQUIRE(outcome.result);
    const auto starts = outcome.all<engine::Start>();
    REQUIRE(starts.size() == 1);
    CHECK(starts[0].config.mode == engine::Mode::Observe);
    CHECK(starts[0].config.base_url == "http://h:1/");
    const auto observed = outcome.all<engine::Observed>();
    REQUIRE(observed.size() == 1);
    CHECK(observed[0].method == "PUT");
    CHECK(observed[0].status == 409);
    CHECK(*observed[0].request_body == R"({"b":1.50,"a":"x  \" y"})");
    CHECK(*observed[0].response_body == "<html>");
}

TEST_CASE("answers that overlap find their own requests by how long they took") {
    std::string text;
    const auto request = [&](const char* ms, int n) {
        text += std::string(R"({"t":"2026-02-10T10:30:00.)") + ms +
                R"(Z","dir":"http-request","method":"PUT","url":"http://h/fhir/R4/Task/1","body":{"n":)" +
                std::to_string(n) + "}}\n";
    };
    const auto response = [&](const char* ms, int took) {
        text += std::string(R"({"t":"2026-02-10T10:30:00.)") + ms +
                R"(Z","dir":"http-response","method":"PUT","url":"http://h/fhir/R4/Task/1","status":200,"ms":)" +
                std::to_string(took) + "}\n";
    };
    request("000", 1);
    request("050", 2);
    request("060", 3);
    response("100", 49); // of the second
    response("110", 110);
    response("120", 60);
    const auto observed = import_text(text).all<engine::Observed>();
    REQUIRE(observed.size() == 3);
    CHECK(*observed[0].request_body == R"({"n":2})");
    CHECK(*observed[1].request_body == R"({"n":1})");
    CHECK(*observed[2].request_body == R"({"n":3})");
}

TEST_CASE("sockets get numbers in the order in which they open, and a refused one fails") {
    const Outcome outcome = import_text(
        open_line +
        R"({"t":"2026-02-10T10:30:01.000Z","dir":"ws-close","conn":"B","note":"upgrade refused","status":404})"
        "\n"
        R"({"t":"2026-02-10T10:30:02.000Z","dir":"ws-send","conn":"A","body":{"type": "ping"}})"
        "\n"
        R"({"t":"2026-02-10T10:30:03.000Z","dir":"ws-close","conn":"A","code":1001,"reason":"going"})"
        "\n"
        R"({"t":"2026-02-10T10:30:04.000Z","dir":"ws-open","conn":"A","url":"ws://h:1/"})"
        "\n");
    REQUIRE(outcome.result);
    const auto opened = outcome.all<engine::SocketOpened>();
    REQUIRE(opened.size() == 2);
    CHECK(opened[0].socket == 1);
    CHECK(opened[1].socket == 3);
    const auto failed = outcome.all<engine::SocketFailed>();
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].failure == engine::Failure::UpgradeRefused);
    CHECK(failed[0].message == "HTTP 404");
    const auto closed = outcome.all<engine::SocketClosed>();
    REQUIRE(closed.size() == 1);
    CHECK(closed[0].code == 1001);
    const auto sent = outcome.all<engine::FrameSent>();
    REQUIRE(sent.size() == 1);
    CHECK(*sent[0].text == R"({"type":"ping"})");
}

TEST_CASE("a string may hold a line separator") {
    const Outcome outcome =
        import_text(open_line + R"({"t":"2026-02-10T10:30:01.000Z","dir":"ws-recv","conn":"A","body":{"x":")" +
                    "a\xE2\x80\xA8"
                    "b\"}}\n");
    REQUIRE(outcome.result);
    CHECK(outcome.all<engine::Frame>().size() == 1);
}

TEST_CASE("time that goes back is held") {
    const Outcome outcome =
        import_text(open_line + R"({"t":"2026-02-10T10:29:00.000Z","dir":"ws-recv","conn":"A","body":"x"})"
                                "\n");
    REQUIRE(outcome.result);
    for (std::size_t i = 1; i < outcome.inputs.size(); ++i) CHECK(outcome.inputs[i].at >= outcome.inputs[i - 1].at);
}

TEST_CASE("secrets of a transcript are replaced before the engine sees them") {
    const Outcome outcome = import_text(
        R"({"t":"2026-02-10T10:30:00.000Z","dir":"http-request","method":"POST","url":"http://h/oauth2/token","body":{"client_secret":"hunter2"}})"
        "\n"
        R"({"t":"2026-02-10T10:30:00.000Z","dir":"http-response","method":"POST","url":"http://h/oauth2/token","status":200,"body":{"access_token":"abc"}})"
        "\n");
    REQUIRE(outcome.result);
    CHECK(outcome.result->redacted == 2);
    const auto observed = outcome.all<engine::Observed>();
    REQUIRE(observed.size() == 1);
    CHECK(*observed[0].request_body == R"({"client_secret":"<redacted-1>"})");
    CHECK(*observed[0].response_body == R"({"access_token":"<redacted-2>"})");
}

TEST_CASE("a binding token has one name where a server gives it and where a client sends it") {
    const Outcome outcome = import_text(
        R"({"t":"2026-02-10T10:30:00.000Z","dir":"http-response","method":"GET","url":"http://h/fhir/R4/Subscription/s/$get-ws-binding-token","status":200,"body":{"resourceType":"Parameters","parameter":[{"name":"token","valueString":"6a1f0c52-3f0e-4b0a-9a34-0d8f7b1f2c11"}]}})"
        "\n" +
        open_line +
        R"({"t":"2026-02-10T10:30:01.000Z","dir":"ws-send","conn":"A","body":{"type":"bind-with-token","payload":{"token":"6a1f0c52-3f0e-4b0a-9a34-0d8f7b1f2c11"}}})"
        "\n");
    REQUIRE(outcome.result);
    const auto sent = outcome.all<engine::FrameSent>();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].text->find("<redacted-1>") != std::string::npos);
    const auto observed = outcome.all<engine::Observed>();
    REQUIRE(observed.size() == 1);
    CHECK(observed[0].response_body->find("<redacted-1>") != std::string::npos);
}

TEST_CASE("a line that cannot be understood is left out and told with its number; a file of such lines is refused") {
    check_left_out(open_line + "not json\n", 2, "not JSON");
    check_left_out(open_line + "\n[1]\n", 3, "not a JSON object");
    check_left_out(
        open_line + "{\"t\":\"2026-02-10T10:30:00.000Z\",\"dir\":\"ws-recv\",\"conn\":\"A\",\"body\":\"\xff\"}\n", 2,
        "not JSON");
    check_refused(R"({"dir":"note"})", 1, "\"t\" is missing");
    check_refused(R"({"t":"yesterday","dir":"note"})", 1, "\"t\" is missing or not a time");
    const auto with = [](const std::string& rest) { return R"({"t":"2026-02-10T10:30:01.000Z",)" + rest + "}\n"; };
    check_left_out(open_line + with(R"("dir":"teleport")"), 2, "teleport");
    check_left_out(open_line + with(R"("direction":"ws-recv")"), 2, "\"dir\" is missing");
    check_refused(with(R"("dir":"http-request","url":"http://h/")"), 1, "\"method\" is missing");
    check_refused(with(R"("dir":"http-request","method":"GET")"), 1, "\"url\" is missing");
    check_refused(with(R"("dir":"http-request","method":"GET","url":"/fhir/R4/Task")"), 1, "not absolute");
    check_refused(with(R"("dir":"http-response","method":"GET","url":"http://h/")"), 1, "\"status\" is missing");
    check_refused(with(R"("dir":"http-response","method":"GET","url":"http://h/","status":70000)"), 1, "\"status\"");
    check_refused(with(R"("dir":"ws-open","url":"ws://h/")"), 1, "\"conn\" is missing");
    check_refused(with(R"("dir":"ws-close","conn":"A")"), 1, "before anything else");
    check_left_out(open_line + with(R"("dir":"ws-close","conn":"A","code":-1)"), 2, "close code");
    check_left_out(open_line + with(R"("dir":"ws-recv","conn":"A")"), 2, "\"body\" is missing");
}

TEST_CASE("a capture may begin and end in the middle, and a socket be opened again under its name") {
    const std::string frame = R"({"t":"2026-02-10T10:30:01.000Z","dir":"ws-recv","conn":"A","body":{"type":"pong"}})"
                              "\n";
    SECTION("a socket that was open before, in a file with a byte order mark") {
        const Outcome outcome = import_text("\xEF\xBB\xBF" + frame + frame);
        REQUIRE(outcome.result);
        CHECK(outcome.result->left_out == 0);
        CHECK(outcome.all<engine::SocketOpened>().size() == 1);
        CHECK(outcome.all<engine::Frame>().size() == 2);
    }
    SECTION("a line that was cut") { check_left_out(open_line + frame + frame.substr(0, 60), 3, "not JSON"); }
    SECTION("a socket that was lost unseen") {
        const Outcome outcome = import_text(open_line + frame + open_line);
        REQUIRE(outcome.result);
        CHECK(outcome.all<engine::SocketOpened>().size() == 2);
        REQUIRE(outcome.all<engine::SocketClosed>().size() == 1);
        CHECK(outcome.all<engine::SocketClosed>()[0].code == 1006);
    }
    SECTION("a lone surrogate") {
        const std::string odd =
            R"({"t":"2026-02-10T10:30:01.000Z","dir":"ws-recv","conn":"A","body":{"x":"\ud83d","y":"\ud83d\ude00"}})"
            "\n";
        const Outcome outcome = import_text(open_line + odd);
        REQUIRE(outcome.result);
        CHECK(outcome.result->left_out == 0);
        REQUIRE(outcome.all<engine::Frame>().size() == 1);
        CHECK(*outcome.all<engine::Frame>()[0].text == R"({"x":"\uFFFD","y":"\ud83d\ude00"})");
    }
}

TEST_CASE("the server's address, its FHIR path and its dialect are found from the traffic") {
    const auto config_of = [](const std::string& text) {
        const Outcome outcome = import_text(text);
        REQUIRE(outcome.result);
        return outcome.all<engine::Start>().at(0).config;
    };
    const std::string search =
        R"({"t":"2026-02-10T10:30:00.000Z","dir":"http-response","method":"GET","url":"http://h:1/hapi/fhir/Task?status=requested","status":200,"ms":1,"body":{"resourceType":"Bundle","type":"searchset"}})"
        "\n";
    const auto received = [](const std::string& body) {
        return R"({"t":"2026-02-10T10:30:01.000Z","dir":"ws-recv","conn":"A","body":)" + body + "}\n";
    };
    const engine::Config hapi = config_of(open_line + received(R"("ping 7")") + search);
    CHECK(hapi.base_url == "http://h:1/");
    CHECK(hapi.fhir_path == "hapi/fhir/");
    CHECK(hapi.dialect.dialect == fhir::Dialect::Hapi);
    CHECK(config_of(open_line + received(R"({"resourceType":"Bundle","type":"subscription-notification","entry":[]})"))
              .dialect.dialect == fhir::Dialect::R5);
    CHECK(config_of(
              open_line +
              received(
                  R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"Parameters"}}]})"))
              .dialect.dialect == fhir::Dialect::BackportR4);
    CHECK(
        config_of(
            open_line +
            received(
                R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","topic":"http://t"}}]})"))
            .dialect.dialect == fhir::Dialect::R4B);
    CHECK(
        config_of(
            open_line +
            received(
                R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"heartbeat"}}]})"))
            .dialect.dialect == fhir::Dialect::Medplum);
}

TEST_CASE("a transcript without traffic is refused") {
    for (const std::string text :
         {"", "\n\n", "{\"t\":\"2026-02-10T10:30:00.000Z\",\"dir\":\"note\",\"note\":\"x\"}\n"}) {
        const Outcome outcome = import_text(text);
        REQUIRE_FALSE(outcome.result);
        CHECK(outcome.result.error().code == ErrorCode::Transcript);
    }
}

TEST_CASE("a transcript that is not there is missing") {
    engine::Engine engine;
    const auto imported = session::import_transcript("/nonexistent.jsonl", {}, engine, [](const engine::Input&) {});
    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == ErrorCode::Missing);
}

TEST_CASE("an import can be given up before any line, and tells how far it is") {
    const std::string text = open_line + open_line;
    session::ImportOptions options;
    std::vector<std::uint64_t> read;
    options.go_on = [&](std::uint64_t bytes) {
        read.push_back(bytes);
        return read.size() < 4; // both lines, in both passes
    };
    engine::Engine engine;
    const auto imported =
        session::import_transcript(write_transcript(text), options, engine, [](const engine::Input&) {});
    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == ErrorCode::Cancelled);
    const std::uint64_t size = open_line.size();
    CHECK(read == std::vector<std::uint64_t>{size / 2, size, size * 3 / 2, size * 2});
}

TEST_CASE("an import that fails leaves no file") {
    const std::string out = fresh_path("failed-import.fhirscope");
    CHECK_FALSE(session::import_to_file(write_transcript("x\n"), out, {}));
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("the same transcript gives the same inputs and the same state every time") {
    const auto import_into = [](const std::string& name) {
        const std::string out = fresh_path(name);
        const auto imported = session::import_to_file(fixture("happy"), out, {});
        REQUIRE(imported);
        return std::pair(out, imported->state_hash);
    };
    const auto [first, hash] = import_into("same-1.fhirscope");
    const auto [second, hash_again] = import_into("same-2.fhirscope");
    CHECK(hash == hash_again);
    const auto inputs = read_all(first), inputs_again = read_all(second);
    REQUIRE(inputs.size() == inputs_again.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        REQUIRE(engine::to_bytes(inputs[i]) == engine::to_bytes(inputs_again[i]));

    for (int i = 0; i < 20; ++i) {
        const auto reader = session::Reader::open(first);
        REQUIRE(reader);
        engine::Engine engine;
        const auto replayed = session::replay(*reader, engine);
        REQUIRE(replayed);
        CHECK(replayed->hash == hash);
        CHECK(replayed->equal == true);
    }
}

TEST_CASE("a replay that reaches another state says so") {
    const std::string path = fresh_path("other-state.fhirscope");
    auto recorder = session::Recorder::create(path, {});
    REQUIRE(recorder);
    (*recorder)->add({at(1), engine::Start{}});
    REQUIRE((*recorder)->close({42, {}}));
    engine::Engine engine;
    const auto replayed = session::replay(*session::Reader::open(path), engine);
    REQUIRE(replayed);
    CHECK(replayed->equal == false);
}

TEST_CASE("a line without end is refused at its bound, with its number") {
    const std::string path = write_transcript(open_line);
    std::filesystem::resize_file(path, 70u << 20); // zeros, without an end of line
    engine::Engine engine;
    const auto imported = session::import_transcript(path, {}, engine, [](const engine::Input&) {});
    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == ErrorCode::Transcript);
    CHECK(imported.error().message.find("transcript.jsonl, line 2: the line is longer than 65 MB") !=
          std::string::npos);
}

TEST_CASE("a transcript that is no file of a sane size is refused at once") {
    const std::string path = fresh_path("special.jsonl");
    SECTION("a pipe") { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }
    SECTION("a device") { std::filesystem::create_symlink("/dev/zero", path); }
    SECTION("a file of a terabyte") {
        std::ofstream(path) << open_line;
        std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
    }
    engine::Engine engine;
    const auto imported = session::import_transcript(path, {}, engine, [](const engine::Input&) {});
    REQUIRE_FALSE(imported);
    CHECK(imported.error().code == ErrorCode::Unreadable);
    CHECK(imported.error().message.find(path) != std::string::npos);
}
