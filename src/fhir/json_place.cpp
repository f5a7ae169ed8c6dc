#include "fhir/json_place.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

namespace fhirscope::fhir {

std::size_t line_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

std::size_t offset_of(std::string_view text, std::string_view part) {
    const std::less_equal<> before; // of pointers into different texts, too
    const bool inside = before(text.data(), part.data()) && before(part.data(), text.data() + text.size());
    return inside ? static_cast<std::size_t>(part.data() - text.data()) : 0;
}

Slice nearest(std::string_view text, std::initializer_list<std::string_view> path) {
    Slice here = value_in(text);
    for (const std::string_view step : path) {
        Slice next;
        if (here.kind() == Slice::Kind::Array) {
            std::size_t index = 0;
            const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
            const auto elements = elements_of(here);
            if (read.ec == std::errc{} && index < elements.size()) next = elements[index];
        } else {
            next = here.member(step);
        }
        if (!next.exists()) break;
        here = next;
    }
    return here;
}

std::string at_line(std::string_view file, std::string_view text, std::size_t offset) {
    return std::string(file) + ":" + std::to_string(line_of(text, offset));
}

} // namespace fhirscope::fhir
