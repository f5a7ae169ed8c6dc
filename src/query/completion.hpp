#pragma once
// What can stand at the cursor of a filter that is being typed.

#include "query/fields.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::query {

struct Completion {
    std::size_t begin = 0, end = 0; // bytes of the text that it takes the place of
    std::string insert;
    std::string meaning;
    bool operator==(const Completion&) const = default;
};

// Values of a field of text that are known (the session's types, subscriptions): by its name.
using KnownValues = std::function<std::vector<std::string>(std::string_view field)>;

// Fields, comparisons, values and signs that fit at `cursor` (a byte offset) and go on with what is typed there, the
// likeliest first; at most `most`. Nothing within what has no completion (free text, a quote).
std::vector<Completion> completions(std::string_view text, std::size_t cursor, const Fields& fields,
                                    const KnownValues& known, std::size_t most = 64);

// The text with the completion in its place, and the cursor behind it.
struct Completed {
    std::string text;
    std::size_t cursor = 0;
};
Completed complete(std::string_view text, const Completion& completion);

} // namespace fhirscope::query
