#pragma once
// Reads JSON text token by token and checks all of it (RFC 8259). Every frame passes here, so it copies nothing,
// allocates nothing and looks at strings sixteen bytes at a time; RapidJSON's reader, which tells no positions of
// strings and has to unescape each, took twice as long. Where a tree is wanted, json.hpp has RapidJSON. Internal to
// src/fhir.

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "fhir/ascii.hpp"
#include "fhir/result.hpp"
#include "fhir/utf8.hpp"

namespace fhirscope::fhir {

enum class Escapes : std::uint8_t {
    None,
    Some,
    Control, // among them one for a character that FHIR forbids: below 32, other than tab, LF and CR
};

// Handler gets the tokens in their order. Strings come as they stand in the text, without quotes. Each function returns
// false to stop, and keeps the reason itself:
//   bool on_key(std::string_view), on_string(std::string_view), without escapes;
//   bool on_escaped_key(std::string_view, Escapes), on_escaped_string(std::string_view, Escapes);
//   bool on_scalar(std::string_view), a number, true, false or null;
//   bool on_start(const char* at, bool is_array), on_end(const char* behind);
//   char closer() const: what ends the innermost open container, '}' or ']', or '\0' outside.
template <class Handler>
class JsonReader {
public:
    JsonReader(std::string_view text, Handler& handler)
        : begin_(text.data()), end_(text.data() + text.size()), handler_(handler) {}

    // False: the handler stopped, or error() says what is wrong with the text. White space is looked for only where the
    // expected character is not there: machines send none.
    bool read() {
        const char* at = skip_space(begin_);
        char closer = '\0';

    value:
        if (at == end_) return stop_at_end(at);
        switch (*at) {
            case '"':
                if ((at = read_string(at + 1)) == nullptr) return false;
                break;
            case '{':
                if (!handler_.on_start(at, false)) return false;
                at = skip_space(at + 1);
                if (at == end_ || *at != '}') goto key;
                if (!handler_.on_end(++at)) return false;
                break;
            case '[':
                if (!handler_.on_start(at, true)) return false;
                at = skip_space(at + 1);
                if (at == end_ || *at != ']') goto value;
                if (!handler_.on_end(++at)) return false;
                break;
            default:
                if ((at = read_word_or_number(at)) == nullptr) return false;
        }

    after_value:
        closer = handler_.closer();
        if (at == end_) return closer == '\0' || stop_at_end(at);
        if (closer == '\0') {
            at = skip_space(at);
            return at == end_ || stop(at, "more text after the end of the value") != nullptr;
        }
        if (*at == ',') {
            at = skip_space(at + 1);
            if (closer == ']') goto value;
            goto key;
        }
        if (*at == closer) {
            if (!handler_.on_end(++at)) return false;
            goto after_value;
        }
        if (is_space(*at)) {
            at = skip_space(at);
            goto after_value;
        }
        return stop(at, closer == ']' ? "expected \",\" or \"]\"" : "expected \",\" or \"}\"") != nullptr;

    key:
        if (at == end_) return stop_at_end(at);
        if (*at != '"') return stop(at, "expected a property name") != nullptr;
        if ((at = read_key(at + 1)) == nullptr) return false;
        goto value;
    }

    // Nothing: the handler has stopped the reading.
    const std::optional<Error>& error() const { return error_; }

private:
    // The functions take the position and return the one behind what they read, or null when the reading ends there.

    [[gnu::cold, gnu::noinline]] const char* stop(const char* at, const char* what) {
        const auto offset = static_cast<std::size_t>(at - begin_);
        error_ = Error{ErrorCode::Malformed, "not valid JSON at byte " + std::to_string(offset) + ": " + what, offset};
        return nullptr;
    }

    [[gnu::cold, gnu::noinline]] bool stop_at_end(const char* at) {
        return stop(at, handler_.closer() == '\0' ? "the text ends where a value should stand"
                                                  : "the text ends inside an object or array") != nullptr;
    }

    static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

    const char* skip_space(const char* at) const {
        if (at == end_ || static_cast<unsigned char>(*at) > ' ') [[likely]]
            return at;
        while (at != end_ && is_space(*at)) ++at;
        return at;
    }

    // Behind the colon.
    [[gnu::always_inline]] const char* read_key(const char* begin) {
        unsigned beyond_ascii = 0;
        const char* at = skip_plain(begin, beyond_ascii);
        if (at != end_ && *at == '"' && beyond_ascii == 0) [[likely]] {
            if (!handler_.on_key(view(begin, at))) return nullptr;
        } else if ((at = read_escaped_key(begin, at)) == nullptr) {
            return nullptr;
        }
        at = skip_space(at + 1);
        if (at == end_ || *at != ':') return stop(at, "expected \":\" after a property name");
        return skip_space(at + 1);
    }

    // Any key; the ordinary ones do not come here.
    [[gnu::noinline]] const char* read_escaped_key(const char* begin, const char* at) {
        Escapes escapes = Escapes::None;
        if ((at = finish_string(begin, at, escapes)) == nullptr) return nullptr;
        const bool go_on = escapes == Escapes::None ? handler_.on_key(view(begin, at))
                                                    : handler_.on_escaped_key(view(begin, at), escapes);
        return go_on ? at : nullptr;
    }

    [[gnu::always_inline]] const char* read_string(const char* begin) {
        unsigned beyond_ascii = 0;
        const char* at = skip_plain(begin, beyond_ascii);
        if (at != end_ && *at == '"' && beyond_ascii == 0) [[likely]]
            return handler_.on_string(view(begin, at)) ? at + 1 : nullptr;
        return read_escaped_string(begin, at);
    }

    [[gnu::noinline]] const char* read_escaped_string(const char* begin, const char* at) {
        Escapes escapes = Escapes::None;
        if ((at = finish_string(begin, at, escapes)) == nullptr) return nullptr;
        const bool go_on = escapes == Escapes::None ? handler_.on_string(view(begin, at))
                                                    : handler_.on_escaped_string(view(begin, at), escapes);
        return go_on ? at + 1 : nullptr;
    }

    static std::string_view view(const char* begin, const char* end) {
        return {begin, static_cast<std::size_t>(end - begin)};
    }

    [[gnu::noinline]] const char* read_word_or_number(const char* at) {
        switch (*at) {
            case 't':
                return read_word(at, "true");
            case 'f':
                return read_word(at, "false");
            case 'n':
                return read_word(at, "null");
            default:
                return read_number(at);
        }
    }

    const char* read_word(const char* at, std::string_view word) {
        if (!view(at, end_).starts_with(word)) return stop(at, "expected a value");
        return handler_.on_scalar(view(at, at + word.size())) ? at + word.size() : nullptr;
    }

    bool digit_at(const char* at) const { return at != end_ && is_digit(*at); }

    const char* skip_digits(const char* at) const {
        while (digit_at(at)) ++at;
        return at;
    }

    const char* read_number(const char* begin) {
        const char* at = begin;
        if (*at == '-') ++at;
        if (!digit_at(at)) return stop(at, "expected a value");
        at = *at == '0' ? at + 1 : skip_digits(at);
        if (at != end_ && *at == '.') {
            if (!digit_at(++at)) return stop(at, "expected a digit after the decimal point");
            at = skip_digits(at);
        }
        if (at != end_ && (*at == 'e' || *at == 'E')) {
            ++at;
            if (at != end_ && (*at == '+' || *at == '-')) ++at;
            if (!digit_at(at)) return stop(at, "expected a digit in the exponent");
            at = skip_digits(at);
        }
        return handler_.on_scalar(view(begin, at)) ? at : nullptr;
    }

    // The next quote, backslash or control character, or the end. Sets a bit where it passed a byte that is not ASCII.
    [[gnu::always_inline]] const char* skip_plain(const char* at, unsigned& beyond_ascii) const {
#if defined(__SSE2__)
        while (end_ - at >= 16) {
            const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
            const __m128i is_special = _mm_or_si128(
                _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))),
                _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block));
            const auto high = static_cast<unsigned>(_mm_movemask_epi8(block));
            if (const auto special = static_cast<unsigned>(_mm_movemask_epi8(is_special)); special != 0) {
                beyond_ascii |= high & ((special & -special) - 1);
                return at + std::countr_zero(special);
            }
            beyond_ascii |= high;
            at += 16;
        }
#endif
        while (at != end_ && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20)
            beyond_ascii |= static_cast<unsigned char>(*at++) & 0x80;
        return at;
    }

    // Goes on from `at` to the closing quote of a string that has an escape or more than ASCII, or does not end well.
    [[gnu::noinline]] const char* finish_string(const char* begin, const char* at, Escapes& escapes) {
        at = finish_escaped(at, escapes);
        if (at == nullptr) return nullptr;
        const std::size_t bad = find_invalid_utf8(view(begin, at));
        return bad == std::string_view::npos ? at : stop(begin + bad, "not valid UTF-8");
    }

    const char* finish_escaped(const char* at, Escapes& escapes) {
        unsigned ignored = 0;
        for (;;) {
            if (at == end_) return stop(at, "the text ends inside a string");
            if (*at == '"') return at;
            if (*at != '\\') return stop(at, "a control character in a string, which must be escaped");
            if ((at = read_escape(at, escapes)) == nullptr) return nullptr;
            at = skip_plain(at, ignored);
        }
    }

    const char* read_escape(const char* at, Escapes& escapes) {
        if (escapes == Escapes::None) escapes = Escapes::Some;
        if (end_ - at < 2) return stop(at, "the text ends inside a string");
        const char kind = at[1];
        if (kind != 'u') {
            if (std::memchr("\"\\/bfnrt", kind, 8) == nullptr) return stop(at, "an escape that JSON does not have");
            if (kind == 'b' || kind == 'f') escapes = Escapes::Control;
            return at + 2;
        }
        const int unit = hex4(view(at + 2, end_));
        if (unit < 0) return stop(at, "\\u without four hexadecimal digits");
        if (unit < 0x20 && unit != '\t' && unit != '\n' && unit != '\r') escapes = Escapes::Control;
        if (unit < 0xD800 || unit > 0xDFFF) return at + 6;
        const bool has_second = unit <= 0xDBFF && end_ - at >= 12 && at[6] == '\\' && at[7] == 'u';
        const int second = has_second ? hex4(view(at + 8, end_)) : -1;
        if (second < 0xDC00 || second > 0xDFFF) return stop(at, "an escape is half of a surrogate pair");
        return at + 12;
    }

    const char* begin_;
    const char* end_;
    Handler& handler_;
    std::optional<Error> error_;
};

} // namespace fhirscope::fhir
