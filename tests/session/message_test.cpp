// Properties of the messages that a batch is made of (engine/message.hpp).

#include "future_writer.hpp"
#include "input_filler.hpp"
#include "session/format.hpp"
#include "session_files.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_adapters.hpp>
#include <catch2/generators/catch_generators_random.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;

namespace {

struct ReadBatch {
    std::vector<engine::Input> inputs;
    engine::PassedOver passed_over;
    bool whole = false;
};

ReadBatch read_message(std::string_view message, std::uint64_t count) {
    ReadBatch read;
    const session::Batch batch = session::pack(0, count, at(0), at(0), message, 1);
    read.whole = session::unpack(batch, read.passed_over, [&](engine::Input& input) {
                     read.inputs.push_back(std::move(input));
                     return true;
                 }).has_value();
    return read;
}

std::vector<engine::Input> random_inputs(unsigned seed, int count) {
    InputFiller filler(seed);
    std::vector<engine::Input> inputs;
    for (int i = 0; i < count; ++i) inputs.push_back(filler.input());
    return inputs;
}

std::string message_of(const std::vector<engine::Input>& inputs) {
    std::string message;
    for (const engine::Input& input : inputs) session::append(message, input);
    return message;
}

std::string all_bytes(const std::vector<engine::Input>& inputs) {
    std::string all;
    for (const engine::Input& input : inputs) all += engine::to_bytes(input);
    return all;
}

// A message of one field of bytes.
std::string nested(unsigned number, const std::string& inner) {
    REQUIRE(inner.size() < 128);
    const std::string tag = number < 16 ? std::string{static_cast<char>(number << 3 | 2)}
                                        : std::string{static_cast<char>((number << 3 | 2) | 0x80), '\1'};
    return tag + static_cast<char>(inner.size()) + inner;
}
std::string number_field(unsigned number, unsigned value) {
    REQUIRE(value < 128);
    return {static_cast<char>(number << 3), static_cast<char>(value)};
}

} // namespace

TEST_CASE("any inputs come back from a batch as they were") {
    const auto seed = GENERATE(take(40, Catch::Generators::random(0u, 1'000'000u)));
    CAPTURE(seed);
    const auto inputs = random_inputs(seed, 20);
    const ReadBatch read = read_message(message_of(inputs), inputs.size());
    CHECK(read.whole);
    CHECK_FALSE(read.passed_over.any());
    CHECK(all_bytes(read.inputs) == all_bytes(inputs));
}

TEST_CASE("what a later version adds at any level is passed over and counted, and nothing else is lost") {
    const auto seed = GENERATE(take(20, Catch::Generators::random(0u, 1'000'000u)));
    const unsigned more = GENERATE(0u, 1u, 7u);
    CAPTURE(seed, more);
    const auto inputs = random_inputs(seed, 10);
    FutureWriter writer(more);
    std::string message;
    std::uint64_t added = 0;
    for (const engine::Input& input : inputs) {
        message += writer.entry(input);
        added += writer.added();
    }
    if (more == 0) CHECK(message == message_of(inputs)); // the encoding is the documented one
    const ReadBatch read = read_message(message, inputs.size());
    CHECK(read.whole);
    CHECK(read.passed_over == engine::PassedOver{.inputs = 0, .fields = added, .values = 0});
    CHECK(all_bytes(read.inputs) == all_bytes(inputs));
}

TEST_CASE("a kind of input that is not known leaves a tick at its time, and those behind it keep their numbers") {
    const std::string time = number_field(1, 77);
    const unsigned unknown = GENERATE(15u, 16u); // one more than there are, and more
    std::string message;
    std::uint64_t not_known = 1;
    SECTION("the input") { message = nested(1, time + nested(2, nested(unknown, "abc"))); }
    SECTION("a command") { message = nested(1, time + nested(2, nested(12, nested(unknown, "")))); }
    SECTION("none at all") {
        message = nested(1, time);
        not_known = 0;
    }
    session::append(message, frame_input(78, "known"));
    const ReadBatch read = read_message(message, 2);
    CHECK(read.whole);
    REQUIRE(read.inputs.size() == 2);
    CHECK(read.inputs[0].at == at(77));
    CHECK(*std::get<engine::Frame>(read.inputs[1].body).text == "known");
    CHECK(std::holds_alternative<engine::Tick>(read.inputs[0].body));
    CHECK(read.passed_over == engine::PassedOver{not_known, 0, 0});
}

TEST_CASE("a value that its field cannot have is passed over, and the field keeps what a fresh one has") {
    using engine::HttpAnswer, engine::HttpFailed;
    const auto input_of = [](unsigned kind, const std::string& body) {
        return nested(1, nested(2, nested(kind, body)));
    };
    SECTION("an enumerator that is not known") {
        const ReadBatch read = read_message(input_of(3, number_field(1, 5) + number_field(2, 100)), 1);
        REQUIRE(read.inputs.size() == 1);
        const auto& failed = std::get<HttpFailed>(read.inputs[0].body);
        CHECK(failed.request == 5);
        CHECK(failed.failure == HttpFailed{}.failure);
        CHECK(read.passed_over == engine::PassedOver{0, 0, 1});
    }
    SECTION("a number beyond its type") { // status: 16 bits
        const ReadBatch read = read_message(input_of(2, number_field(1, 5) + "\x10\xff\xff\x7f"), 1);
        REQUIRE(read.inputs.size() == 1);
        CHECK(std::get<HttpAnswer>(read.inputs[0].body).status == HttpAnswer{}.status);
        CHECK(read.passed_over == engine::PassedOver{0, 0, 1});
    }
    SECTION("another type than the field's") {
        const ReadBatch read = read_message(input_of(2, nested(1, "text") + number_field(2, 100)), 1);
        REQUIRE(read.inputs.size() == 1);
        CHECK(std::get<HttpAnswer>(read.inputs[0].body).request == HttpAnswer{}.request);
        CHECK(std::get<HttpAnswer>(read.inputs[0].body).status == 100);
        CHECK(read.passed_over == engine::PassedOver{0, 1, 0});
    }
}

TEST_CASE("a batch cut off at any byte gives the inputs before, and says that it is damaged") {
    const auto inputs = random_inputs(GENERATE(1u, 2u, 3u), 6);
    const std::string message = message_of(inputs);
    const std::string all = all_bytes(inputs);
    std::size_t fewer = 0;
    for (std::size_t keep = 0; keep < message.size(); ++keep) {
        CAPTURE(keep, message.size());
        const ReadBatch read = read_message(std::string_view(message).substr(0, keep), inputs.size());
        REQUIRE_FALSE(read.whole);
        REQUIRE(read.inputs.size() < inputs.size());
        REQUIRE(all.starts_with(all_bytes(read.inputs)));
        fewer += read.inputs.size();
    }
    CHECK(fewer > 0);
}

TEST_CASE("whatever bits of a batch change, it is read to some point") {
    const auto inputs = random_inputs(GENERATE(4u, 5u), 5);
    const std::string message = message_of(inputs);
    std::size_t refused = 0;
    for (std::size_t bit = 0; bit < message.size() * 8; bit += 7) {
        std::string changed = message;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        const ReadBatch read = read_message(changed, inputs.size());
        REQUIRE(read.inputs.size() <= inputs.size());
        if (!read.whole) ++refused;
    }
    CHECK(refused > 0);
}

TEST_CASE("a small batch cannot fill the memory with empty list entries") {
    // The start's config's panels: each takes two bytes here and hundreds there.
    std::string config;
    for (int i = 0; i < 2'000'000; ++i) config += std::string{static_cast<char>(8 << 3 | 2), '\0'};
    const auto enclosed = [](unsigned number, const std::string& inner) {
        std::string out{static_cast<char>(number << 3 | 2)};
        for (std::size_t size = inner.size();; size >>= 7) {
            out += static_cast<char>(size >= 128 ? size | 128 : size);
            if (size < 128) break;
        }
        return out + inner;
    };
    const std::string message = enclosed(1, enclosed(2, enclosed(1, enclosed(1, config))));
    const ReadBatch read = read_message(message, 1);
    CHECK_FALSE(read.whole);
    CHECK(read.inputs.empty());
}
