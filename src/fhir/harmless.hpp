#pragma once
// What strangers say (a server, a session file, a person's file) as text that does no harm where it is shown. A
// terminal acts on control characters (C0, DEL, C1); bidi controls make a line look other than it is; line breaks in a
// value forge lines. Here is the one place that says which characters those are and how they are written instead.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// C0, DEL, C1, U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069.
bool is_harmful(std::uint32_t code_point);

// For people: "\n", "\x1b", "\u202e", and "\xff" for a byte that is not UTF-8. What is harmless already stays as it is.
std::string harmless(std::string_view text);
// JSON text that has the same value: JSON's own escapes, and U+FFFD for bytes that are not UTF-8. Line feeds and other
// space between values stay.
std::string harmless_json(std::string_view json);

// Text for people, made of layout and values: a literal is layout and may break lines, everything else is a value and
// comes out harmless. What is printed is one of these, so a value cannot reach a terminal as it is.
class Text {
public:
    template <std::size_t N>
    Text& operator<<(const char (&layout)[N]) {
        out_.append(layout, N - 1);
        return *this;
    }
    template <std::size_t N>
    Text& operator<<(char (&)[N]) = delete; // an array that is filled is no literal: make a string of it
    Text& operator<<(std::string_view value) {
        out_ += harmless(value);
        return *this;
    }
    template <std::same_as<const char*> Pointer> // of one literal or another
    Text& operator<<(const Pointer& value) {
        return *this << std::string_view(value);
    }
    template <std::integral Number>
    requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) Text& operator<<(Number value) {
        out_ += std::to_string(value);
        return *this;
    }
    Text& operator<<(const Text& part) {
        out_ += part.out_;
        return *this;
    }
    // Spaces up to `column` characters (not bytes) after the last line feed, and at least one.
    Text& pad_to(std::size_t column);
    // Takes the spaces at the end away.
    Text& trim();

    bool empty() const { return out_.empty(); }
    const std::string& str() const { return out_; }

private:
    std::string out_;
};

} // namespace fhirscope::fhir
