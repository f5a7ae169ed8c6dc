#include "fhir/json.hpp"

#include "fhir/json_text.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <charconv>
#include <cstdlib>
#include <string>

namespace fhirscope::fhir {
namespace {

// Numbers come as text: Debian 12's RapidJSON counts the leading zeros of 0 where a zero has an exponent ("0E99").
// Strings are decoded in a copy of the text, which takes two thirds of the time of decoding them on the reader's stack.
constexpr unsigned parse_flags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;

// Passes a reader's events on to the document while they keep the limits. Depth is bounded here because the reader
// recurses.
class BoundedBuilder {
public:
    BoundedBuilder(rapidjson::Document& document, const Limits& limits) : document_(document), limits_(limits) {}

    ErrorCode broken_rule() const { return broken_rule_; }

    bool Null() { return document_.Null(); }
    bool Bool(bool value) { return document_.Bool(value); }
    bool Int(int value) { return document_.Int(value); }
    bool Uint(unsigned value) { return document_.Uint(value); }
    bool Int64(std::int64_t value) { return document_.Int64(value); }
    bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
    bool Double(double value) { return document_.Double(value); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
        const char* const end = text + size;
        const auto read = [&](auto& value) {
            const auto [rest, error] = std::from_chars(text, end, value);
            return error == std::errc{} && rest == end;
        };
        std::int64_t negative = 0;
        std::uint64_t positive = 0;
        double fraction = 0;
        if (read(positive)) return document_.Uint64(positive);
        if (read(negative)) return document_.Int64(negative);
        if (read(fraction)) return document_.Double(fraction);
        // Too small; what is too large the reader has refused.
        return document_.Double(std::strtod(std::string(text, size).c_str(), nullptr));
    }
    // Copied always: the reader's text goes, the document stays.
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return is_unicode({text, size}) && document_.String(text, size, true);
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        return is_unicode({text, size}) && document_.Key(text, size, true);
    }
    bool StartObject() { return go_deeper() && document_.StartObject(); }
    bool StartArray() { return go_deeper() && document_.StartArray(); }
    bool EndObject(rapidjson::SizeType members) {
        --depth_;
        if (members > limits_.max_members) {
            broken_rule_ = ErrorCode::TooLarge;
            return false;
        }
        return document_.EndObject(members);
    }
    bool EndArray(rapidjson::SizeType elements) {
        --depth_;
        return document_.EndArray(elements);
    }

private:
    bool go_deeper() {
        if (++depth_ <= limits_.max_depth) return true;
        broken_rule_ = ErrorCode::TooDeep;
        return false;
    }

    // The reader lets "\udc00" through, which has no UTF-8 form.
    bool is_unicode(std::string_view text) {
        for (std::size_t i = text.find('\xED'); i != std::string_view::npos; i = text.find('\xED', i + 1))
            if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xA0) return false;
        return true;
    }

    rapidjson::Document& document_;
    const Limits& limits_;
    std::size_t depth_ = 0;
    ErrorCode broken_rule_ = ErrorCode::Malformed;
};

} // namespace

Result<rapidjson::Document> parse_json(std::string_view text, const Limits& limits) {
    if (text.size() > limits.max_bytes)
        return fail(ErrorCode::TooLarge,
                    "the text has " + std::to_string(text.size()) + " bytes; at most " +
                        std::to_string(limits.max_bytes) + " are accepted",
                    limits.max_bytes);
    if (const auto at = find_invalid_utf8(text); at != std::string_view::npos)
        return fail(ErrorCode::Malformed, "not valid JSON at byte " + std::to_string(at) + ": not UTF-8", at);
    rapidjson::Document document;
    rapidjson::ParseResult parsed;
    ErrorCode broken_rule = ErrorCode::Malformed;
    std::size_t end = 0;
    auto fill = [&](rapidjson::Document& target) {
        std::string decoded(text);
        rapidjson::InsituStringStream stream(decoded.data());
        BoundedBuilder builder(target, limits);
        rapidjson::Reader reader;
        parsed = reader.Parse<parse_flags>(stream, builder);
        broken_rule = builder.broken_rule();
        end = stream.Tell();
        return !parsed.IsError();
    };
    document.Populate(fill);
    if (parsed.Code() == rapidjson::kParseErrorTermination) {
        const std::string rule = broken_rule == ErrorCode::TooDeep ? "objects and arrays are nested too deep"
                                 : broken_rule == ErrorCode::TooLarge
                                     ? "an object has too many members"
                                     : "not valid JSON: an escape is half of a surrogate pair";
        return fail(broken_rule, rule + ", at byte " + std::to_string(parsed.Offset()), parsed.Offset());
    }
    if (parsed.IsError())
        return fail(ErrorCode::Malformed,
                    "not valid JSON at byte " + std::to_string(parsed.Offset()) + ": " +
                        rapidjson::GetParseError_En(parsed.Code()),
                    parsed.Offset());
    if (end < text.size()) // the reader takes a NUL for the end
        return fail(ErrorCode::Malformed, "not valid JSON at byte " + std::to_string(end) + ": a NUL character", end);
    return document;
}

std::string to_text(const rapidjson::Value& value) {
    detail::TextStream stream;
    detail::Compact writer(stream);
    value.Accept(writer);
    return std::move(stream.text);
}

std::string to_pretty(const rapidjson::Value& value) {
    detail::TextStream stream;
    detail::Pretty writer(stream);
    writer.SetIndent(' ', 2);
    value.Accept(writer);
    return std::move(stream.text);
}

// On the text, not on a tree: numbers and escapes stay as the server wrote them.
std::string pretty(std::string_view text) {
    if (!parse_json(text, {.max_bytes = text.size()})) return std::string(text);
    std::string out;
    out.reserve(text.size() * 2);
    std::size_t depth = 0;
    const auto new_line = [&] { out.append(1, '\n').append(2 * depth, ' '); };
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '"') {
            const std::size_t end = value_end(text, i);
            out.append(text.substr(i, end - i));
            i = end;
            continue;
        }
        ++i;
        if (is_json_space(c)) continue;
        if (c == '{' || c == '[') {
            out.push_back(c);
            const std::size_t next = skip_space(text, i);
            if (next < text.size() && (text[next] == '}' || text[next] == ']')) {
                out.push_back(text[next]);
                i = next + 1;
                continue;
            }
            ++depth;
            new_line();
        } else if (c == '}' || c == ']') {
            --depth;
            new_line();
            out.push_back(c);
        } else if (c == ',') {
            out.push_back(c);
            new_line();
        } else if (c == ':') {
            out.append(": ");
        } else {
            out.push_back(c);
        }
    }
    return out;
}

std::string_view string_at(const rapidjson::Value& object, const char* member) {
    if (!object.IsObject()) return {};
    const auto found = object.FindMember(member);
    if (found == object.MemberEnd() || !found->value.IsString()) return {};
    return {found->value.GetString(), found->value.GetStringLength()};
}

} // namespace fhirscope::fhir
