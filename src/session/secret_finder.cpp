#include "session/secret_finder.hpp"

#include "engine/alias.hpp"
#include "fhir/slice.hpp"
#include "session/secret_shapes.hpp"

#include <xxhash.h>

#include <algorithm>

namespace fhirscope::session {
namespace {

constexpr std::string_view binding_kind = "binding-token";

// Where the JSON escape begins that has the byte inside it, else the byte's own place.
std::size_t escape_around(std::string_view text, std::size_t at) {
    for (std::size_t back = 1; back < 6 && back <= at; ++back) {
        const std::size_t begin = at - back;
        if (text[begin] != '\\') continue;
        std::size_t backslashes = 0; // before it: an odd number makes it the second half of an escape
        while (backslashes < begin && text[begin - backslashes - 1] == '\\') ++backslashes;
        const std::size_t first = backslashes % 2 == 1 ? begin - 1 : begin;
        return first + engine::letter_size(text, first) > at ? first : at;
    }
    return at;
}

void widen_to_escapes(std::string_view text, FoundSecret& secret) {
    secret.begin = escape_around(text, secret.begin);
    const std::size_t last = escape_around(text, secret.end - 1);
    if (text[last] == '\\') secret.end = std::max(secret.end, last + engine::letter_size(text, last));
}

// Whether the whole text is a name of engine/alias.hpp, or one that a server wrote itself.
bool is_alias_like(std::string_view text) {
    const auto alias = engine::AliasScanner(text).next();
    return alias && alias->begin == 0 && alias->end == text.size();
}

// Which of those that overlap gives the text its name: a binding token where an answer gives one (two tokens of a server
// may be alike for more than half of their length, so it may seem to be a part of another), then the longest value that
// was told, then what has a name.
std::size_t rank_of(const FoundSecret& secret) {
    if (secret.value != 0) return 2 + secret.end - secret.begin;
    if (secret.kind == binding_kind) return std::string_view::npos;
    return secret.kind == "jwt" ? 0 : 1;
}

} // namespace

bool looks_hidden(std::string_view text) {
    return text.size() > 2 && text.front() == '<' && text.find_first_of("> \"") == text.size() - 1 &&
           text.back() == '>';
}

bool SecretFinder::tell(std::string_view kind, std::string_view value) {
    if (value.size() < SecretIndex::min_size) return true;
    const XXH128_hash_t hash = XXH3_128bits(value.data(), value.size());
    if (known_.contains({hash.high64, hash.low64})) return true;
    const auto held = held_.try_emplace(std::string(kind)).first;
    if (value.size() > SecretIndex::max_size || held->second.values >= max_values ||
        held->second.bytes + value.size() > max_bytes)
        return false;
    ++held->second.values;
    held->second.bytes += value.size();
    kinds_.emplace_back(held->first);
    const auto number = static_cast<std::uint32_t>(kinds_.size());
    known_.emplace(std::pair(hash.high64, hash.low64), number);
    index_.add(value, number);
    return true;
}

std::uint32_t SecretFinder::number_of(std::string_view value) const {
    const XXH128_hash_t hash = XXH3_128bits(value.data(), value.size());
    const auto known = known_.find({hash.high64, hash.low64});
    return known == known_.end() ? 0 : known->second;
}

std::vector<FoundSecret> SecretFinder::find(std::string_view text) {
    std::vector<FoundSecret> found;
    const TextLayers layers(text);
    const auto add = [&](TextRange range, std::string_view kind, std::uint32_t value) {
        FoundSecret secret{range.begin, range.end, kind, value};
        widen_to_escapes(text, secret);
        if (!is_alias_like(text.substr(secret.begin, secret.end - secret.begin))) found.push_back(secret);
    };
    if (follows_binding_tokens_)
        find_binding_tokens(layers, [&](TextRange range) {
            const std::string token = fhir::unescape(text.substr(range.begin, range.end - range.begin));
            if (!engine::is_alias(token) && !tell(binding_kind, token)) ++lost_binding_tokens_;
            add(range, binding_kind, 0);
        });
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto add_shape = [&](TextRange range, std::string_view kind) {
            if (!looks_hidden(layers.text(layer).substr(range.begin, range.end - range.begin)))
                add(layers.in_raw(layer, range), kind, 0);
        };
        const bool searched = index_.find(layers.text(layer), [&](TextRange range, std::uint32_t value) {
            add(layers.in_raw(layer, range), kinds_[value - 1], value);
        });
        if (!searched) return {{0, text.size(), "hidden", 0}};
        find_named_secrets(layers, layer, add_shape);
        find_jwts(layers.text(layer), add_shape);
    }
    if (found.size() < 2) return found;
    std::ranges::stable_sort(found, {}, &FoundSecret::begin);
    std::vector<FoundSecret> apart;
    std::size_t rank = 0; // of what names the last of them
    for (const FoundSecret& secret : found) {
        if (apart.empty() || secret.begin >= apart.back().end) {
            apart.push_back(secret);
            rank = rank_of(secret);
            continue;
        }
        FoundSecret& last = apart.back(); // one text
        if (rank_of(secret) > rank) {
            rank = rank_of(secret);
            last.kind = secret.kind;
            last.value = secret.value;
        }
        last.end = std::max(last.end, secret.end);
    }
    return apart;
}

} // namespace fhirscope::session
