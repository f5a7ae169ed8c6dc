#include "fhir/field_path.hpp"

#include <algorithm>
#include <charconv>

namespace fhirscope::fhir {

Result<std::vector<FieldStep>> parse_field_path(std::string_view path) {
    const auto not_understood = [&](std::size_t offset) {
        return fail(ErrorCode::Path,
                    "\"" + std::string(path) + "\" is no path of a field, such as status, note[0].text or note[+].text",
                    offset);
    };
    std::vector<FieldStep> steps;
    for (std::size_t i = 0;;) {
        FieldStep step;
        const std::size_t name_end = std::min(path.find_first_of(".[", i), path.size());
        if (name_end == i) return not_understood(i);
        step.name = path.substr(i, name_end - i);
        i = name_end;
        if (i < path.size() && path[i] == '[') {
            // Identities contain dots (of addresses), but hardly brackets.
            const std::size_t close = path.find(']', i);
            if (close == std::string_view::npos || close == i + 1) return not_understood(i);
            const std::string_view inside = path.substr(i + 1, close - i - 1);
            if (inside == "+") {
                step.place = FieldStep::Place::Append;
            } else if (inside.find_first_not_of("0123456789") == std::string_view::npos) {
                step.place = FieldStep::Place::Index;
                const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), step.index);
                if (error != std::errc()) return not_understood(i + 1);
            } else if (inside.find('=') != std::string_view::npos) {
                step.place = FieldStep::Place::Identity;
                step.identity = inside;
            } else {
                return not_understood(i + 1);
            }
            i = close + 1;
        }
        steps.push_back(std::move(step));
        if (i == path.size()) return steps;
        if (path[i] != '.') return not_understood(i);
        ++i;
    }
}

} // namespace fhirscope::fhir
