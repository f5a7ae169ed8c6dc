#include "session/secret_index.hpp"

#include "fhir/ascii.hpp"
#include "fhir/base64.hpp"
#include "fhir/percent.hpp"

#include <string.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace fhirscope::session {
namespace {

constexpr std::size_t piece_size = 8;
constexpr std::uint64_t to_lower = 0x2020202020202020u; // of letters; digits stay, and few others become alike

char fold(char c) { return static_cast<char>(c | 0x20); }

std::uint64_t piece_at(std::string_view text, std::size_t at) {
    std::uint64_t piece = 0;
    std::memcpy(&piece, text.data() + at, piece_size);
    return piece | to_lower;
}

bool is_base64_char(char c) {
    return fhir::is_letter(c) || fhir::is_digit(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '=';
}

// Of a value cut short, so much must be left.
std::size_t required_size(std::size_t size) {
    constexpr std::size_t least = 12;
    return size <= least ? size : std::max(least, (size + 1) / 2);
}

void wipe_text(std::string& text) { explicit_bzero(text.data(), text.size()); }

// The characters of the value's base64 that do not depend on what stands around it, where `before` bytes of a group of
// three stand before it.
std::string inner_base64(std::string_view value, std::size_t before) {
    std::string bytes;
    bytes.reserve(before + value.size());
    bytes.append(before, '\0').append(value);
    std::string all = fhir::encode_base64(bytes, fhir::Base64::Standard);
    const std::size_t first = (before * 8 + 5) / 6,
                      whole = bytes.size() * 8 / 6; // the last one may depend on what follows
    std::string inner = all.substr(first, whole - first);
    wipe_text(bytes);
    wipe_text(all);
    return inner;
}

} // namespace

SecretIndex::SecretIndex() : bits_(64), shift_(64 - 12) {}

SecretIndex::~SecretIndex() {
    for (Needle& needle : needles_) wipe_text(needle.text);
}

void SecretIndex::add(std::string_view value, std::uint32_t id) {
    if (value.size() < min_size || value.size() > max_size) return;
    add_needle(value, id, false);
    add_base64(value, id);
    // Texts are searched as they read without escapes, so a value that seems to have some is looked for without.
    const TextLayers layers(value);
    for (std::size_t i = 1; i < layers.size(); ++i) add_needle(layers.text(i), id, false);
    if (value.find(' ') != value.npos) {
        std::string form(value);
        std::ranges::replace(form, ' ', '+');
        add_needle(form, id, false);
        wipe_text(form);
    }
    // As forms and Basic credentials have it (RFC 6749, 2.3.1).
    for (const fhir::HexDigits digits : {fhir::HexDigits::Upper, fhir::HexDigits::Lower})
        if (std::string encoded = fhir::percent_encode(value, {}, digits); encoded != value) {
            add_base64(encoded, id);
            wipe_text(encoded);
        }
}

void SecretIndex::add_base64(std::string_view value, std::uint32_t id) {
    for (const std::size_t before : {0u, 1u, 2u}) {
        std::string text = inner_base64(value, before);
        add_needle(text, id, true);
        std::string of_urls = text;
        std::ranges::replace(of_urls, '+', '-');
        std::ranges::replace(of_urls, '/', '_');
        if (of_urls != text) add_needle(of_urls, id, true);
        wipe_text(text);
        wipe_text(of_urls);
    }
}

// Any run of `required` characters of the needle must have a piece of it that is known, at a place of the text that is
// looked at: the two strides have no common divisor, so this is so when their product fits into the run.
void SecretIndex::add_needle(std::string_view text, std::uint32_t id, bool is_base64) {
    if (text.size() < min_size) return;
    Needle needle{std::string(text), required_size(text.size()), id, is_base64};
    std::ranges::transform(needle.text, needle.text.begin(), fold);
    const std::size_t starts = needle.required - piece_size + 1; // of pieces in such a run
    stride_ = std::min<std::size_t>(stride_, starts >= 4 ? 4 : starts >= 2 ? 2 : 1);
    const std::size_t step = std::max<std::size_t>(1, (starts / 4 - 1) | 1);
    const auto number = static_cast<std::uint32_t>(needles_.size());
    constexpr unsigned most_equal = 4; // of a value that repeats itself
    std::unordered_map<std::uint64_t, unsigned> times;
    for (std::size_t at = 0; at + piece_size <= needle.text.size(); at += starts < 4 ? 1 : step) {
        const std::uint64_t piece = piece_at(needle.text, at);
        if (++times[piece] <= most_equal) add_piece(piece, {number, static_cast<std::uint32_t>(at)});
    }
    needles_.push_back(std::move(needle));
}

void SecretIndex::add_piece(std::uint64_t piece, Place place) {
    places_.emplace(piece, place);
    if (places_.size() * 16 <= bits_.size() * 64) return set_bit(piece);
    bits_.assign(std::bit_ceil(places_.size()) / 2, 0); // 32 bits for each
    shift_ = 64 - static_cast<unsigned>(std::bit_width(bits_.size() * 64) - 1);
    for (const auto& [known, unused] : places_) set_bit(known);
}

void SecretIndex::set_bit(std::uint64_t piece) {
    const std::size_t bit = bit_of(piece);
    bits_[bit / 64] |= std::uint64_t{1} << bit % 64;
}

struct SecretIndex::Search {
    const SecretIndex& index;
    std::string_view text;
    const Found& found;
    std::size_t budget;   // of comparisons of single bytes
    std::size_t done = 0; // up to here all that was found has been told

    bool are_same(std::size_t at, std::string_view needle, std::size_t offset) const {
        return at + piece_size <= text.size() && offset + piece_size <= needle.size() &&
               piece_at(text, at) == piece_at(needle, offset);
    }

    // A run around a piece that both have goes half of its length to one of its sides at least. Tokens of one server
    // all begin alike, so this spares most of the comparing.
    bool can_be_long(std::size_t at, const Needle& needle, std::size_t offset) const {
        const std::size_t half = (needle.required - piece_size) / 2;
        return are_same(at + half, needle.text, offset + half) ||
               (half <= at && half <= offset && are_same(at - half, needle.text, offset - half));
    }

    // Compares around a piece that both have. Behind what was found, or `at` where it is nothing.
    std::size_t look_closely(std::size_t at, const Place& place) {
        const Needle& needle = index.needles_[place.needle];
        budget -= 1;
        if (!can_be_long(at, needle, place.offset)) return at;
        std::size_t before = 0, behind = piece_size;
        while (before < std::min(at, std::size_t{place.offset}) &&
               fold(text[at - before - 1]) == needle.text[place.offset - before - 1])
            ++before;
        const std::size_t most = std::min(text.size() - at, needle.text.size() - place.offset);
        while (behind < most && fold(text[at + behind]) == needle.text[place.offset + behind]) ++behind;
        budget -= std::min(budget, before + behind);
        if (before + behind < needle.required) return at;
        TextRange range{at - before, at + behind};
        if (needle.is_base64) { // what was encoded with it, too
            while (range.begin > done && is_base64_char(text[range.begin - 1])) --range.begin;
            while (range.end < text.size() && is_base64_char(text[range.end])) ++range.end;
        }
        found(range, needle.id);
        done = range.end;
        return range.end;
    }

    bool run() {
        const std::size_t stride = index.stride_;
        for (std::size_t at = 0; at + piece_size <= text.size(); at += stride) {
            const std::uint64_t piece = piece_at(text, at);
            if (!index.may_have(piece)) [[likely]]
                continue;
            std::size_t end = at;
            const auto [first, last] = index.places_.equal_range(piece);
            for (auto place = first; place != last && budget > 0; ++place)
                end = std::max(end, look_closely(at, place->second));
            if (budget == 0) return false;
            if (end > at) at = std::max(at, (end - 1) / stride * stride);
        }
        return true;
    }
};

bool SecretIndex::find(std::string_view text, const Found& found) const {
    if (needles_.empty()) return true;
    return Search{*this, text, found, (1u << 20) + 16 * text.size(), 0}.run();
}

} // namespace fhirscope::session
