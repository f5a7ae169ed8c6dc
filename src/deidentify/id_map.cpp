#include "deidentify/id_map.hpp"

#include "engine/engine.hpp"
#include "fhir/ascii.hpp"

#include <algorithm>

namespace fhirscope::deidentify {

namespace {

constexpr std::uint64_t least_number = 100'000'000'000'000'000; // of 18 digits

std::string hex_digits(Wide value) { // 30
    return engine::hash_text(static_cast<std::uint64_t>(value >> 64)).substr(2) +
           engine::hash_text(static_cast<std::uint64_t>(value));
}

std::string as_uuid(Wide value) {
    // 30 digits are free; the version and the variant stand where they always do.
    std::string digits = hex_digits(value);
    digits.insert(12, "4").insert(16, "8");
    return digits.substr(0, 8) + '-' + digits.substr(8, 4) + '-' + digits.substr(12, 4) + '-' + digits.substr(16, 4) +
           '-' + digits.substr(20);
}

} // namespace

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !fhir::is_digit(text[i]) && (text[i] < 'a' || text[i] > 'f')) return false;
    }
    return true;
}

IdMap::IdMap(const Invention& invention)
    : invention_(invention),
      random_(invention.hash("ids", "")),
      uuids_{Wide{1} << 120},
      numbers_{Wide{9 * least_number}},
      words_{Wide{1} << 120} {}

Wide IdMap::drawn_below(Value bound) { return (static_cast<Value>(random_.next()) << 64 | random_.next()) % bound; }

IdMap::Value IdMap::place(Shape& shape, std::string_view id) {
    const auto known = shape.values.find(id);
    if (known != shape.values.end()) return known->second;
    // Ids often come in order: the next one is put a little behind the last, so that there is room for many more there,
    // and for those that may yet come between.
    const Value step = Value{1} << (shape.end == numbers_.end ? 40U : 90U);
    const auto after = shape.values.upper_bound(id);
    const bool is_first = after == shape.values.begin(), is_last = after == shape.values.end();
    const Value low = is_first ? 0 : std::prev(after)->second + 1; // the least that it may be
    const Value high = is_last ? shape.end : after->second;        // and one more than the greatest
    if (low >= high || known_ >= most) {
        ++out_of_order_;
        return (static_cast<Value>(invention_.hash("id", id)) << 56 | invention_.hash("id, too", id) >> 8) % shape.end;
    }
    const Value room = high - low;
    Value value = low;
    if (is_first && is_last)
        value += room / 4 + drawn_below(room / 2);
    else if (is_first)
        value = high - 1 - drawn_below(std::min(room, step));
    else
        value += drawn_below(is_last ? std::min(room, step) : room);
    shape.values.emplace(id, value);
    ++known_;
    return value;
}

std::string IdMap::map(std::string_view id) {
    if (is_uuid(id)) return as_uuid(place(uuids_, id));
    if (!id.empty() && std::ranges::all_of(id, fhir::is_digit)) {
        // No zero leads, so that it may stand where a server writes a number for it.
        return std::to_string(least_number + static_cast<std::uint64_t>(place(numbers_, id)));
    }
    return "r" + hex_digits(place(words_, id));
}

} // namespace fhirscope::deidentify
