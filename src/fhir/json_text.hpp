#pragma once
// How RapidJSON writes here: strings by our own rules, so that they are valid UTF-8 and harmless (its own writer passes
// on what is not UTF-8, and with SSE the characters U+001A to U+001F as well). Internal to src/fhir.

#include <rapidjson/prettywriter.h>
#include <rapidjson/writer.h>

#include <string>
#include <string_view>

namespace fhirscope::fhir::detail {

struct TextStream {
    using Ch = char;
    std::string text;
    void Put(char c) { text.push_back(c); }
    void Flush() {}
};

// `text` between quotes, escaped.
void append_quoted(std::string& out, std::string_view text);

template <class Base>
class HarmlessWriter : public Base {
public:
    explicit HarmlessWriter(TextStream& stream) : Base(stream), stream_(stream) {}

    bool String(const char* text, rapidjson::SizeType size, bool = false) {
        begin(rapidjson::kStringType);
        append_quoted(stream_.text, {text, size});
        return true;
    }
    bool Key(const char* text, rapidjson::SizeType size, bool copy = false) { return String(text, size, copy); }
    bool raw(std::string_view json) {
        begin(json.starts_with('"') ? rapidjson::kStringType : rapidjson::kNullType); // the type matters to names only
        stream_.text.append(json);
        return true;
    }

private:
    // What comes before a value.
    void begin(rapidjson::Type type) { Base::RawValue("", 0, type); }
    TextStream& stream_;
};

using Compact = HarmlessWriter<rapidjson::Writer<TextStream>>;
using Pretty = HarmlessWriter<rapidjson::PrettyWriter<TextStream>>;

} // namespace fhirscope::fhir::detail
