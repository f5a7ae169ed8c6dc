#include "fhir/field_value.hpp"

#include "fhir/ascii.hpp"
#include "fhir/partial_date.hpp"
#include "fhir/time.hpp"
#include "fhir/utf8.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace fhirscope::fhir {
namespace {

constexpr const char* date_expected = "a date is written 2026, 2026-02 or 2026-02-10";
constexpr const char* time_expected = "a time is written 10:30:00 or 10:30:00.5";
constexpr const char* instant_expected = "an instant is written 2026-02-10T10:30:00Z or 2026-02-10T10:30:00.5+01:00";

// Reads a whole pattern in which 0 stands for a digit.
bool has_pattern(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(
        text, pattern, [](char c, char p) { return p == '0' ? is_digit(c) : c == p; });
}

int number(std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::string broken_date(std::string_view text) {
    if (!has_pattern(text, "0000") && !has_pattern(text, "0000-00") && !has_pattern(text, "0000-00-00"))
        return date_expected;
    const int year = number(text.substr(0, 4));
    if (year == 0) return "there is no year 0000";
    if (text.size() == 4) return {};
    const int month = number(text.substr(5, 2));
    if (month < 1 || month > 12) return "there is no month " + std::string(text.substr(5, 2));
    if (text.size() == 7) return {};
    static constexpr std::array<const char*, 12> months{"January",   "February", "March",    "April",
                                                        "May",       "June",     "July",     "August",
                                                        "September", "October",  "November", "December"};
    const int days = last_day_of_month(year, month), day = number(text.substr(8, 2));
    if (day >= 1 && day <= days) return {};
    return std::string(months[static_cast<std::size_t>(month - 1)]) + ' ' + std::to_string(year) +
           " has the days 1 to " + std::to_string(days);
}

std::string broken_time(std::string_view text) {
    const std::size_t whole = std::min<std::size_t>(text.size(), 8);
    if (!has_pattern(text.substr(0, whole), "00:00:00")) return time_expected;
    if (const std::string_view fraction = text.substr(whole);
        !fraction.empty() &&
        (fraction[0] != '.' || fraction.size() == 1 || !std::ranges::all_of(fraction.substr(1), is_digit)))
        return time_expected;
    // Second 60 is a leap second.
    if (number(text.substr(0, 2)) > 23 || number(text.substr(3, 2)) > 59 || number(text.substr(6, 2)) > 60)
        return "there is no time " + std::string(text.substr(0, 8));
    return {};
}

std::string broken_instant(std::string_view text) {
    const std::size_t t = text.find('T');
    if (t == std::string_view::npos) return instant_expected;
    const std::string_view date = text.substr(0, t);
    if (!has_pattern(date, "0000-00-00")) return instant_expected;
    if (std::string problem = broken_date(date); !problem.empty()) return problem;
    const std::size_t zone = text.find_first_of("Z+-", t);
    if (std::string problem = broken_time(text.substr(t + 1, std::min(zone, text.size()) - t - 1)); !problem.empty())
        return problem == time_expected ? instant_expected : problem;
    if (zone == std::string_view::npos)
        return "a time needs a zone, such as 2026-02-10T10:30:00Z or 2026-02-10T10:30:00+01:00";
    return parse_instant(text) ? std::string() : "a zone is written Z, +01:00 or -05:00, up to 14:00";
}

std::string broken_date_time(std::string_view text) {
    if (text.find('T') != std::string_view::npos) return broken_instant(text);
    const std::string problem = broken_date(text);
    return problem == date_expected ? problem + ", with a time 2026-02-10T10:30:00Z" : problem;
}

std::string broken_integer(std::string_view text) {
    constexpr const char* expected =
        "a whole number is written without leading zeros, between -2147483648 and 2147483647";
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || !std::ranges::all_of(digits, is_digit) || (digits.size() > 1 && digits[0] == '0'))
        return expected;
    std::int32_t value = 0;
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc() ? "" : expected;
}

// -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?
std::string broken_decimal(std::string_view text) {
    constexpr const char* expected = "a number is written 1, -1.50 or 2.5e3";
    std::size_t i = text.starts_with('-') ? 1 : 0;
    const auto skip_digits = [&] {
        const std::size_t begin = i;
        while (i < text.size() && is_digit(text[i])) ++i;
        return i - begin;
    };
    const std::size_t first = i;
    const std::size_t whole = skip_digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return expected;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (skip_digits() == 0) return expected;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (skip_digits() == 0) return expected;
    }
    return i == text.size() ? "" : expected;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string broken_string(std::string_view text) {
    if (find_invalid_utf8(text) != std::string_view::npos) return "it is not UTF-8";
    if (std::ranges::all_of(text, is_space)) return "a text needs more than white space";
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 32 && !is_space(c); }))
        return "a text has no control characters but tabs and line ends";
    return text.size() > (1u << 20) ? "a text has at most 1 MB" : "";
}

std::string broken_uri(std::string_view text) {
    return std::ranges::any_of(text, is_space) ? "an address has no white space" : "";
}

std::string broken_reference(std::string_view text) {
    constexpr const char* expected =
        "a reference is written Patient/123, or as an address (https://…, urn:uuid:…) or #id of what is contained";
    if (std::ranges::any_of(text, is_space)) return expected;
    for (const std::string_view start : {"https://", "http://", "urn:uuid:", "urn:oid:", "#"})
        if (text.starts_with(start)) return text.size() > start.size() ? "" : expected;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || !is_valid_type(text.substr(0, slash))) return expected;
    const std::string_view id = text.substr(slash + 1);
    constexpr std::string_view history = "/_history/";
    const std::size_t version = id.find(history);
    const bool is_valid = is_usable_id(id.substr(0, version)) &&
                          (version == std::string_view::npos || is_valid_id(id.substr(version + history.size())));
    return is_valid ? "" : expected;
}

std::string broken_code(const FieldRule& rule, std::string_view text) {
    if (!rule.codes.empty()) {
        if (std::ranges::find(rule.codes, text) != rule.codes.end()) return {};
        std::string expected = "one of ";
        for (const std::string_view code : rule.codes) {
            if (code != rule.codes.front()) expected += ", ";
            expected += code;
        }
        return expected;
    }
    // [^\s]+(\s[^\s]+)*
    const bool has_bad_space =
        is_space(text.front()) || is_space(text.back()) ||
        std::ranges::adjacent_find(text, [](char a, char b) { return is_space(a) && is_space(b); }) != text.end();
    return has_bad_space ? "a code has no white space but single spaces inside" : "";
}

} // namespace

bool is_full_date(std::string_view text) { return text.size() == 10 && broken_date(text).empty(); }
bool is_date_time(std::string_view text) { return broken_instant(text).empty(); }

bool is_quoted(FieldType type) {
    return type != FieldType::Boolean && type != FieldType::Integer && type != FieldType::Decimal;
}

std::string expectation_broken(const FieldRule& rule, std::string_view plain) {
    if (std::string problem = broken_string(plain); !problem.empty()) return problem;
    switch (rule.type) {
        case FieldType::Code:
            return broken_code(rule, plain);
        case FieldType::Uri:
            return broken_uri(plain);
        case FieldType::Boolean:
            return plain == "true" || plain == "false" ? "" : "true or false";
        case FieldType::Integer:
            return broken_integer(plain);
        case FieldType::Decimal:
            return broken_decimal(plain);
        case FieldType::Date:
            return broken_date(plain);
        case FieldType::DateTime:
            return broken_date_time(plain);
        case FieldType::Instant:
            return broken_instant(plain);
        case FieldType::Time:
            return broken_time(plain);
        case FieldType::Reference:
            return broken_reference(plain);
        case FieldType::String:
        case FieldType::Markdown:
            break;
    }
    return {};
}

} // namespace fhirscope::fhir
