#include "fhir/resource.hpp"

#include "samples.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>
#include <map>
#include <random>

using namespace fhirscope;
using namespace fhirscope::fhir;

namespace {

const std::string plain_task =
    R"({"status":"in-progress", "meta" : {"lastUpdated":"2026-02-10T10:30:15.123Z","versionId":"f7b6"},)"
    R"("note":[{"text":"a \"quoted\" word"}],"priority":7.50,"id":"8d0c","active":true,"resourceType":"Task"})";

std::map<std::string, std::string> members(const Resource& resource) {
    std::map<std::string, std::string> found;
    for (const Field& field : resource.fields()) found.emplace(resource.name_of(field), resource.value_of(field));
    return found;
}

Error scan_error(std::string_view text, const Limits& limits = {}) {
    const auto parsed = parse_resource(text, limits);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

} // namespace

TEST_CASE("a resource keeps its text and the fields that the engine needs, whatever their order") {
    const ResourcePtr resource = samples::resource("  " + plain_task + "\n");
    CHECK(resource->text() == plain_task);
    CHECK(resource->type() == "Task");
    CHECK(resource->id() == "8d0c");
    CHECK(resource->version_id() == "f7b6");
    CHECK(resource->reference() == "Task/8d0c");
    REQUIRE(resource->last_updated().has_value());
    CHECK(format_instant(*resource->last_updated()) == "2026-02-10T10:30:15.123Z");
    CHECK(resource->irregularities() == Irregularity::None);
}

TEST_CASE("the top-level members are listed with their exact text") {
    const auto found = members(*samples::resource(plain_task));
    CHECK(found == std::map<std::string, std::string>{
                       {"status", "\"in-progress\""},
                       {"meta", R"({"lastUpdated":"2026-02-10T10:30:15.123Z","versionId":"f7b6"})"},
                       {"note", R"([{"text":"a \"quoted\" word"}])"},
                       {"priority", "7.50"},
                       {"id", "\"8d0c\""},
                       {"active", "true"},
                       {"resourceType", "\"Task\""}});
}

TEST_CASE("equal values have equal hashes and different ones do not") {
    const ResourcePtr a = samples::resource(R"({"x":{"y":[1,2]},"z":"1"})");
    const ResourcePtr b = samples::resource(R"({ "z":"2", "x":{"y":[1,2]}})");
    CHECK(a->fields()[0].hash == b->fields()[1].hash);
    CHECK(a->fields()[1].hash != b->fields()[0].hash);
}

TEST_CASE("a member is found by its name, and only at the top level") {
    const ResourcePtr resource = samples::resource(plain_task);
    CHECK(resource->member("priority") == "7.50");
    CHECK_FALSE(resource->member("versionId").has_value());
    CHECK_FALSE(resource->member("pri").has_value());
}

TEST_CASE("what is missing or of the wrong type is empty") {
    const char* const given =
        GENERATE("{}", R"({"id":true,"resourceType":["Task"],"meta":[{"versionId":"v"}]})",
                 R"({"contained":[{"resourceType":"Patient","id":"p","meta":{"versionId":"v"}}]})",
                 R"({"id":{"id":"1"},"meta":{"versionId":{"versionId":"v"},"x":{"versionId":"w"}}})");
    INFO(given);
    const ResourcePtr resource = samples::resource(given);
    CHECK(resource->type().empty());
    CHECK(resource->id().empty());
    CHECK(resource->version_id().empty());
    CHECK(resource->last_updated_text().empty());
    CHECK_FALSE(resource->last_updated().has_value());
}

TEST_CASE("names written with escapes are the same names") {
    CHECK(samples::resource(R"({"\u0069d":"1","res\u006furceType":"Task"})")->reference() == "Task/1");
}

TEST_CASE("broken FHIR rules are noted with the first place") {
    const auto [given, expected, place] = GENERATE(table<const char*, Irregularity, const char*>({
        {R"({"a":null})", Irregularity::NullValue, "a"},
        {R"({"a":{"b":null}})", Irregularity::NullValue, "a.b"},
        {R"({"a":["x",null]})", Irregularity::None, ""},
        {R"({"a":[1,{"b":""}]})", Irregularity::EmptyValue, "a[1].b"},
        {R"({"a":[[],1]})", Irregularity::EmptyValue, "a[0]"},
        {R"({"a":{}})", Irregularity::EmptyValue, "a"},
        {R"({})", Irregularity::EmptyValue, ""},
        {R"({"a":1,"b":2,"a":3})", Irregularity::DuplicateKey, "a"},
        {R"({"a":1,"\u0061":3})", Irregularity::DuplicateKey, "a"},
        {R"({"a":{"b":1},"b":2,"c":{"b":1}})", Irregularity::None, ""},
        {R"([{"a":1}])", Irregularity::None, "not a resource"},
        {R"({"a":"\u0000"})", Irregularity::ControlChar, "a"},
        {R"({"a":"\b"})", Irregularity::ControlChar, "a"},
        {R"({"a":"\t\n\r \u000a \" \\ \/"})", Irregularity::None, ""},
        {R"({"a":"","b":null})", Irregularity::EmptyValue | Irregularity::NullValue, "a"},
    }));
    INFO(given);
    const auto parsed = parse_resource(given);
    if (std::string_view(place) == "not a resource") {
        CHECK(parsed.error().code == ErrorCode::Malformed);
        return;
    }
    REQUIRE(parsed.has_value());
    CHECK((*parsed)->irregularities() == expected);
    CHECK((*parsed)->irregular_at() == place);
}

TEST_CASE("a duplicate is found among many members too") {
    const int count = GENERATE(5, 31, 32, 33, 34, 200, 4000);
    std::string text = "{";
    for (int i = 0; i < count; ++i) text += "\"member" + std::to_string(i) + "\":1,";
    CHECK(samples::resource(text + "\"other\":1}")->irregularities() == Irregularity::None);
    const ResourcePtr twice = samples::resource(text + "\"member3\":1}");
    CHECK(twice->irregularities() == Irregularity::DuplicateKey);
    CHECK(twice->irregular_at() == "member3");
}

TEST_CASE("text that is not JSON is refused with the offset") {
    const auto [given, offset] = GENERATE(table<std::string, std::size_t>({
        {"", 0},
        {"   ", 3},
        {"{", 1},
        {"{\"a\"", 4},
        {"{\"a\":", 5},
        {"{\"a\":1", 6},
        {"{\"a\":1,}", 7},
        {"{\"a\" 1}", 5},
        {"{a:1}", 1},
        {"{\"a\":[1,]}", 8},
        {"{\"a\":[1}", 7},
        {"{\"a\":1]", 6},
        {"{\"a\":1}}", 7},
        {"{\"a\":1} x", 8},
        {"{\"a\":1},{\"b\":1}", 7},
        {"{\"a\":01}", 6},
        {"{\"a\":+1}", 5},
        {"{\"a\":1.}", 7},
        {"{\"a\":.5}", 5},
        {"{\"a\":1e}", 7},
        {"{\"a\":-}", 6},
        {"{\"a\":NaN}", 5},
        {"{\"a\":tru}", 5},
        {"{\"a\":'b'}", 5},
        {"{\"a\":\"b}", 8},
        {"{\"a\":\"\t\"}", 6},
        {"{\"a\":\"\\x\"}", 6},
        {"{\"a\":\"\\u12g4\"}", 6},
        {"{\"a\":\"\\ud800\"}", 6},
        {"{\"a\":\"\\udc00\"}", 6},
        {"{\"a\":\"\\ud800\\u0041\"}", 6},
        {std::string("{\"a\":1}\0", 8), 7},
        {std::string("{\"a\":\"\0\"}", 9), 6},
        {"\xEF\xBB\xBF{\"a\":1}", 0},
        {"[1]", 0},
        {" \"text\"", 1},
        {"7", 0},
        {"null", 0},
    }));
    INFO(given);
    const Error error = scan_error(given);
    CHECK(error.code == ErrorCode::Malformed);
    CHECK(error.offset == offset);
}

TEST_CASE("invalid UTF-8 is refused with the offset of the first bad byte") {
    const auto [bytes, offset] = GENERATE(table<std::string, std::size_t>({
        {"\xFF", 0},
        {"ab\x80", 2},
        {"\xC0\xAF", 0},         // overlong
        {"\xE0\x80\xAF", 0},     // overlong
        {"\xED\xA0\x80", 0},     // a surrogate
        {"\xF4\x90\x80\x80", 0}, // above U+10FFFF
        {"\xC3", 0},             // cut off by the quote
        {"\xE2\x82", 0},
        {std::string(100, 'x') + "\xE9t\xE9", 100}, // Latin-1
    }));
    const Error error = scan_error("{\"a\":\"" + bytes + "\"}");
    CHECK(error.code == ErrorCode::Malformed);
    CHECK(error.message.find("UTF-8") != std::string::npos);
    CHECK(error.offset == 6 + offset);
}

TEST_CASE("every valid kind of UTF-8 sequence is accepted") {
    const std::string text = "{\"a\":\"é ü 日本 \xF0\x9F\x98\x80 \\ud83d\\ude00\"}";
    CHECK(samples::resource(text)->text() == text);
}

TEST_CASE("a text above the size limit is refused unread") {
    const Error error = scan_error(std::string(5u << 20, '{'));
    CHECK(error.code == ErrorCode::TooLarge);
    CHECK(error.offset == Limits{}.max_bytes);
}

TEST_CASE("nesting is bounded, and the bound is where it says") {
    const auto nested = [](std::size_t depth) { return "{\"a\":" + samples::nested_arrays(depth - 1) + "}"; };
    CHECK(parse_resource(nested(64)).has_value());
    const Error error = scan_error(nested(65));
    CHECK(error.code == ErrorCode::TooDeep);
    CHECK(error.offset == 5 + 63);
    CHECK(scan_error(nested(4), samples::limits_of_depth(3)).code == ErrorCode::TooDeep);
    // A million brackets must not cost a stack frame each.
    CHECK(scan_error("{\"a\":" + std::string(1'000'000, '[')).code == ErrorCode::TooDeep);
}

TEST_CASE("an object with too many members is refused") {
    std::string text = "{";
    for (int i = 0; i < 4097; ++i) text += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":1";
    CHECK(scan_error(text + "}").code == ErrorCode::TooLarge);
}

TEST_CASE("many members with equal beginnings and ends take no quadratic time") {
    // Names that collide in any hash made of the first and the last eight characters.
    constexpr int count = 60'000;
    std::string text = "{";
    for (int i = 0; i < count; ++i)
        text += (i == 0 ? "\"prefix__" : ",\"prefix__") + std::to_string(100'000 + i) + "__suffix\":1";
    text += "}";
    Limits limits;
    limits.max_members = count;
    const auto start = std::chrono::steady_clock::now();
    const auto parsed = parse_resource(text, limits);
    const auto taken = std::chrono::steady_clock::now() - start;
    REQUIRE(parsed.has_value());
    CHECK((*parsed)->fields().size() == count);
    // Two thousand million comparisons would take longer than this, once through takes hundredths of it.
    CHECK(taken < std::chrono::seconds(3));
}

TEST_CASE("the memory of a version is counted with its text and its field table") {
    const ResourcePtr small = samples::resource(R"({"id":"1"})");
    const ResourcePtr large = samples::resource(R"({"id":"1","text":")" + std::string(10'000, 'x') + "\"}");
    CHECK(large->memory_bytes() >= small->memory_bytes() + 10'000);
    CHECK(small->memory_bytes() >= sizeof(Resource));
}

// ---- properties over the frames of a real server ----

namespace {

// What a different reader says: the tree that json.hpp builds with RapidJSON.
bool is_json_object(const std::string& text) {
    const auto parsed = parse_json(text);
    return parsed.has_value() && parsed->IsObject();
}

void check_against_tree(const std::string& text) {
    const auto scanned = parse_resource(text);
    INFO(text);
    if (!scanned) {
        INFO(scanned.error().message);
        CHECK(scanned.error().offset <= text.size());
        CHECK_FALSE(is_json_object(text));
        return;
    }
    const auto tree = parse_json(text);
    REQUIRE(tree.has_value());
    REQUIRE(tree->MemberCount() == (*scanned)->fields().size());
    auto member = tree->MemberBegin();
    for (const Field& field : (*scanned)->fields()) {
        const auto value = parse_json((*scanned)->value_of(field));
        REQUIRE(value.has_value());
        CHECK(to_text(*value) == to_text(member->value)); // == finds duplicate keys unequal to themselves
        ++member;
    }
}

} // namespace

TEST_CASE("the scanner finds in every real frame what a tree holds") {
    for (const std::string& frame : samples::all_frames()) check_against_tree(frame);
}

TEST_CASE("no truncation of a real frame is accepted or crashes") {
    const std::vector<std::string> frames = samples::frames("happy");
    for (std::size_t i = 0; i < frames.size(); i += 7)
        for (std::size_t size = 0; size < frames[i].size(); ++size) {
            const auto parsed = parse_resource(std::string_view(frames[i]).substr(0, size));
            INFO("frame " << i << " cut to " << size);
            REQUIRE_FALSE(parsed.has_value());
            REQUIRE(parsed.error().offset <= size);
        }
}

TEST_CASE("on mutated frames the scanner and the tree agree what is JSON") {
    const auto seed = GENERATE(1u, 2u, 3u, 4u);
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::vector<std::string> frames = samples::frames("happy");
    static constexpr std::string_view alphabet = "{}[]\",:\\ntfu0123456789eE+-. \t\n\x01\x7F\xC3\xA9\xED\xFF";
    const auto pick = [&](std::size_t count) { return random() % count; };
    for (int round = 0; round < 1500; ++round) {
        std::string text = frames[pick(frames.size())];
        for (std::size_t change = 1 + pick(3); change > 0; --change) {
            const std::size_t at = pick(text.size());
            switch (pick(4)) {
                case 0:
                    text[at] = alphabet[pick(alphabet.size())];
                    break;
                case 1:
                    text.insert(at, 1, alphabet[pick(alphabet.size())]);
                    break;
                case 2:
                    text.erase(at, 1 + pick(3));
                    break;
                default: // a piece of it again: duplicate keys, deeper nesting
                    text.insert(at, text.substr(pick(text.size()), pick(40)));
            }
        }
        check_against_tree(text);
    }
}
