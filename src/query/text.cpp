#include "query/text.hpp"

#include <algorithm>

namespace fhirscope::query {

namespace {

char lower_case(char ch) { return ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch; }

} // namespace

std::string fold(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower_case);
    return out;
}

bool begins_folded(std::string_view text, std::string_view lower) {
    return text.size() >= lower.size() &&
           std::equal(
               lower.begin(), lower.end(), text.begin(), [](char wanted, char ch) { return lower_case(ch) == wanted; });
}

bool equals_folded(std::string_view text, std::string_view lower) {
    return text.size() == lower.size() && begins_folded(text, lower);
}

bool contains_folded(std::string_view text, std::string_view lower) {
    for (std::size_t i = 0; i + lower.size() <= text.size(); ++i)
        if (begins_folded(text.substr(i), lower)) return true;
    return false;
}

} // namespace fhirscope::query
