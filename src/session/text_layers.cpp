#include "session/text_layers.hpp"

#include "fhir/ascii.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::session {
namespace {

// Bytes of the escape at the beginning, and what it stands for; 0: it is none.
struct Undone {
    std::size_t size = 0;
    std::string value;
};

Undone undo_json(std::string_view text) {
    if (text.size() < 2) return {};
    if (text[1] != 'u') return {2, fhir::unescape(text.substr(0, 2))};
    const auto is_unit = [](std::string_view unit) {
        return unit.size() == 6 && unit.starts_with("\\u") && fhir::hex4(unit.substr(2)) >= 0;
    };
    if (!is_unit(text.substr(0, 6))) return {};
    const char second = static_cast<char>(text[3] | 0x20);
    const bool is_pair = (text[2] | 0x20) == 'd' &&
                         (second == '8' || second == '9' || second == 'a' || second == 'b') &&
                         is_unit(text.substr(6, 6));
    const std::size_t size = is_pair ? 12 : 6;
    return {size, fhir::unescape(text.substr(0, size))};
}

Undone undo_percent(std::string_view text) {
    if (text.size() < 3) return {};
    const int high = fhir::hex_digit(text[1]), low = fhir::hex_digit(text[2]);
    if (high < 0 || low < 0) return {};
    return {3, std::string(1, static_cast<char>(high * 16 + low))};
}

Undone undo_html(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> names{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    for (const auto& [name, value] : names)
        if (text.starts_with(name)) return {name.size(), std::string(1, value)};
    if (!text.starts_with("&#")) return {};
    const bool is_hex = text.size() > 2 && (text[2] | 0x20) == 'x';
    const std::size_t first = is_hex ? 3 : 2;
    std::uint32_t code = 0;
    std::size_t at = first;
    for (; at < text.size() && at < first + 8; ++at) {
        const int digit = fhir::hex_digit(text[at]);
        if (digit < 0 || (!is_hex && digit > 9)) break;
        code = code * (is_hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    }
    if (at == first || at >= text.size() || text[at] != ';' || code == 0 || code > 0x10ffff) return {};
    std::string value;
    fhir::append_utf8(value, code);
    return {at + 1, std::move(value)};
}

Undone undo_at(std::string_view text) {
    switch (text.front()) {
        case '\\':
            return undo_json(text);
        case '%':
            return undo_percent(text);
        default:
            return undo_html(text);
    }
}

// The next of the three characters that begin an escape.
class EscapeSearch {
public:
    explicit EscapeSearch(std::string_view text) : text_(text) {
        for (std::size_t i = 0; i < places_.size(); ++i) look_for(i, 0);
    }
    std::size_t next(std::size_t from) {
        for (std::size_t i = 0; i < places_.size(); ++i)
            if (places_[i] < from) look_for(i, from);
        return std::ranges::min(places_);
    }

private:
    void look_for(std::size_t i, std::size_t from) {
        static constexpr std::array<char, 3> beginnings{'\\', '%', '&'};
        places_[i] = std::min(text_.find(beginnings[i], from), text_.size());
    }

    std::string_view text_;
    std::array<std::size_t, 3> places_{};
};

} // namespace

TextLayers::Layer TextLayers::undo(std::string_view text) {
    Layer layer;
    EscapeSearch search(text);
    std::size_t done = 0;
    for (std::size_t at = search.next(0); at < text.size();) {
        const Undone undone = undo_at(text.substr(at));
        if (undone.size == 0) {
            at = search.next(at + 1);
            continue;
        }
        if (layer.escapes.empty()) layer.text.reserve(text.size());
        layer.text.append(text, done, at - done);
        layer.escapes.push_back({static_cast<std::uint32_t>(layer.text.size()), static_cast<std::uint32_t>(at),
                                 static_cast<std::uint8_t>(undone.value.size()),
                                 static_cast<std::uint8_t>(undone.size)});
        layer.text += undone.value;
        done = at + undone.size;
        at = search.next(done);
    }
    if (!layer.escapes.empty()) layer.text.append(text, done);
    return layer;
}

TextLayers::TextLayers(std::string_view text) : raw_(text) {
    if (text.size() > UINT32_MAX) return; // far above what the network lets in
    while (layers_.size() + 1 < most_layers) {
        Layer layer = undo(this->text(layers_.size()));
        if (layer.escapes.empty()) return;
        layers_.push_back(std::move(layer));
    }
}

const TextLayers::Escape* TextLayers::Layer::escape_before(std::size_t at) const {
    const auto behind = std::ranges::upper_bound(escapes, at, {}, &Escape::begin);
    return behind == escapes.begin() ? nullptr : &*std::prev(behind);
}

TextRange TextLayers::in_raw(std::size_t layer, TextRange range) const {
    for (; layer > 0; --layer) {
        const Layer& here = layers_[layer - 1];
        const auto below = [&](std::size_t at, bool is_end) -> std::size_t {
            const Escape* escape = here.escape_before(at);
            if (escape == nullptr) return at;
            const std::size_t behind = escape->begin + std::size_t{escape->size};
            if (at >= behind) return escape->from + std::size_t{escape->from_size} + (at - behind);
            return escape->from + (is_end ? std::size_t{escape->from_size} - 1 : 0);
        };
        if (range.begin >= range.end) return {};
        range = {below(range.begin, false), below(range.end - 1, true) + 1};
    }
    return range;
}

bool TextLayers::is_escaped(std::size_t layer, std::size_t at) const {
    if (layer == 0) return false;
    const Escape* escape = layers_[layer - 1].escape_before(at);
    return escape != nullptr && at < escape->begin + std::size_t{escape->size};
}

} // namespace fhirscope::session
