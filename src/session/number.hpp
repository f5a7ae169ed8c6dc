#pragma once
// Numbers in the lines of a header. Private to this folder.

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace fhirscope::session {

// Nothing: it is not a number and nothing else.
template <class T>
std::optional<T> number(std::string_view text, int base = 10) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace fhirscope::session
