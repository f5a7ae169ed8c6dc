#include "fhir/slice.hpp"

#include "fhir/ascii.hpp"
#include "fhir/utf8.hpp"

#include <cstring>

namespace fhirscope::fhir {
namespace {

// Behind the closing quote of the string whose opening quote is at `offset`.
std::size_t string_end(std::string_view text, std::size_t offset) {
    for (std::size_t i = offset + 1; i < text.size();) {
        const void* quote = std::memchr(text.data() + i, '"', text.size() - i);
        if (quote == nullptr) return text.size();
        const auto at = static_cast<std::size_t>(static_cast<const char*>(quote) - text.data());
        std::size_t backslashes = 0;
        while (at - backslashes > i && text[at - backslashes - 1] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return at + 1;
        i = at + 1;
    }
    return text.size();
}

std::size_t container_end(std::string_view text, std::size_t offset) {
    std::size_t depth = 0;
    for (std::size_t i = offset; i < text.size();) {
        const char c = text[i];
        if (c == '"') {
            i = string_end(text, i);
            continue;
        }
        ++i;
        if (c == '{' || c == '[')
            ++depth;
        else if ((c == '}' || c == ']') && --depth == 0)
            return i;
    }
    return text.size();
}

} // namespace

std::size_t skip_space(std::string_view text, std::size_t offset) {
    while (offset < text.size() && is_json_space(text[offset])) ++offset;
    return offset;
}

std::size_t value_end(std::string_view text, std::size_t offset) {
    if (offset >= text.size()) return text.size();
    switch (text[offset]) {
        case '"':
            return string_end(text, offset);
        case '{':
        case '[':
            return container_end(text, offset);
        default:
            break;
    }
    while (offset < text.size() && !is_json_space(text[offset]) && text[offset] != ',' && text[offset] != '}' &&
           text[offset] != ']')
        ++offset;
    return offset;
}

std::string unescape(std::string_view raw) {
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\' || i + 1 >= raw.size()) {
            out.push_back(raw[i]);
            continue;
        }
        switch (const char c = raw[++i]) {
            case 'b':
                out.push_back('\b');
                break;
            case 'f':
                out.push_back('\f');
                break;
            case 'n':
                out.push_back('\n');
                break;
            case 'r':
                out.push_back('\r');
                break;
            case 't':
                out.push_back('\t');
                break;
            case 'u': {
                const int unit = hex4(raw.substr(i + 1));
                if (unit < 0) break;
                auto code_point = static_cast<std::uint32_t>(unit);
                i += 4;
                if (code_point >= 0xD800 && code_point <= 0xDBFF && raw.substr(i + 1, 2) == "\\u") {
                    if (const int low = hex4(raw.substr(i + 3)); low >= 0xDC00 && low <= 0xDFFF) {
                        code_point =
                            0x10000 + ((code_point - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00);
                        i += 6;
                    }
                }
                append_utf8(out, code_point);
                break;
            }
            default: // a quote, a backslash or a slash
                out.push_back(c);
        }
    }
    return out;
}

bool raw_equals(std::string_view raw, std::string_view unescaped) {
    if (raw.find('\\') == std::string_view::npos) return raw == unescaped;
    return unescape(raw) == unescaped;
}

Slice value_in(std::string_view text) {
    const std::size_t begin = skip_space(text, 0);
    return Slice(text.substr(begin, value_end(text, begin) - begin));
}

std::vector<Slice> elements_of(Slice array) {
    std::vector<Slice> elements;
    array.each_element([&](Slice element) { elements.push_back(element); });
    return elements;
}

Slice::Kind Slice::kind() const {
    if (text_.empty()) return Kind::None;
    switch (text_.front()) {
        case '{':
            return Kind::Object;
        case '[':
            return Kind::Array;
        case '"':
            return Kind::String;
        case 't':
        case 'f':
            return Kind::Bool;
        case 'n':
            return Kind::Null;
        default:
            return Kind::Number;
    }
}

std::string_view Slice::raw_string() const {
    if (text_.size() < 2 || text_.front() != '"') return {};
    return text_.substr(1, text_.size() - 2);
}

std::string Slice::string() const {
    const std::string_view raw = raw_string();
    return raw.find('\\') == std::string_view::npos ? std::string(raw) : unescape(raw);
}

bool Slice::is_string(std::string_view expected) const {
    return kind() == Kind::String && raw_equals(raw_string(), expected);
}

Slice Slice::member(std::string_view name) const {
    Slice found;
    each_member([&](std::string_view raw_name, Slice value) {
        if (!raw_equals(raw_name, name)) return true;
        found = value;
        return false;
    });
    return found;
}

} // namespace fhirscope::fhir
