#include "fhir/number.hpp"

#include <charconv>
#include <cstdint>
#include <string>

namespace fhirscope::fhir {
namespace {

// digits × 10^exponent, without zeros at either end of the digits; zero has none, and no sign.
struct Decimal {
    bool is_negative = false;
    std::string digits;
    std::int64_t exponent = 0;

    bool operator==(const Decimal&) const = default;
};

Decimal read_decimal(std::string_view text) {
    Decimal number;
    std::string_view mantissa = text;
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
        mantissa = text.substr(0, e);
        std::string_view exponent = text.substr(e + 1);
        if (exponent.starts_with('+')) exponent.remove_prefix(1);
        // One too long for 64 bits stays 0 here; the texts then have to be equal, which the caller has checked.
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), number.exponent);
    }
    if (mantissa.starts_with('-')) {
        number.is_negative = true;
        mantissa.remove_prefix(1);
    }
    for (bool in_fraction = false; const char c : mantissa) {
        if (c == '.') {
            in_fraction = true;
            continue;
        }
        if (!(c == '0' && number.digits.empty())) number.digits.push_back(c);
        if (in_fraction) --number.exponent;
    }
    while (number.digits.ends_with('0')) {
        number.digits.pop_back();
        ++number.exponent;
    }
    if (number.digits.empty()) return {};
    return number;
}

} // namespace

bool is_same_number(std::string_view a, std::string_view b) { return a == b || read_decimal(a) == read_decimal(b); }

} // namespace fhirscope::fhir
