#include "runtime/vault.hpp"

#include "engine/alias.hpp"
#include "fhir/slice.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace fhirscope::runtime {
namespace {

constexpr std::string_view binding_kind = "binding-token";
constexpr std::size_t cost_of_one = 256; // in memory, beside its text

void append_alias(std::string& out, std::string_view kind, std::uint64_t number) {
    out.append(1, '<').append(kind).append(1, '-').append(std::to_string(number)).append(1, '>');
}

// What the server wrote like an alias gets one "=" more.
void append_plain(std::string& out, std::string_view text) {
    std::size_t done = 0;
    engine::AliasScanner aliases(text);
    while (const auto alias = aliases.next()) {
        out.append(text.substr(done, alias->inside - done)).append(1, '=');
        done = alias->inside;
    }
    out.append(text.substr(done));
}

// Whether hiding would leave the text as it is.
bool is_plain(std::string_view text) { return !engine::AliasScanner(text).next(); }

std::string as_at(Vault::Place place, std::string_view hidden) {
    return place == Vault::Place::Plain ? fhir::unescape(hidden) : std::string(hidden);
}

} // namespace

Vault::Vault() { finder_.follow_binding_tokens(); }

void Vault::continue_after(std::string_view known) {
    const Lock lock(mutex_);
    engine::AliasScanner aliases(known);
    while (const auto alias = aliases.next()) {
        if (alias->equal_signs > 0) continue;
        std::uint64_t& count = counts_.try_emplace(std::string(alias->kind)).first->second;
        count = std::max(count, alias->number);
    }
}

bool Vault::protect(std::string_view kind, const Secret& secret) {
    const Lock lock(mutex_);
    if (!finder_.tell(kind, secret.expose())) return false;
    hidden_for(kind, secret.expose(), Source::Message, Keep::Always);
    return true;
}

std::string Vault::redact(std::string text) { return hide(std::move(text), Source::Server); }

std::string Vault::redact_message(std::string text) { return hide(std::move(text), Source::Message); }

std::string Vault::hide(std::string text, Source source) {
    const Lock lock(mutex_);
    const auto secrets = finder_.find(text);
    if (secrets.empty() && is_plain(text)) return text;
    const std::string_view from = text;
    std::string out;
    std::size_t done = 0;
    for (const session::FoundSecret& secret : secrets) {
        append_plain(out, from.substr(done, secret.begin - done));
        append_hidden(out, secret, from.substr(secret.begin, secret.end - secret.begin), source);
        done = secret.end;
    }
    append_plain(out, from.substr(done));
    if (finder_.lost_binding_tokens() > 0 && !has_lost_tokens_) {
        has_lost_tokens_ = true;
        spdlog::error("the server has given out more binding tokens than can be kept secret ({}); connect anew",
                      session::SecretFinder::max_values);
    }
    return out;
}

std::string Vault::redact_typed(std::string text, std::span<const std::string_view> own_texts) {
    std::string own;
    std::size_t done = 0;
    engine::AliasScanner aliases(text);
    while (const auto alias = aliases.next()) {
        const std::string name = engine::alias_text(alias->kind, alias->number);
        const bool is_own = alias->equal_signs > 0 || std::ranges::any_of(own_texts, [&](std::string_view one) {
                                return one.find(name) != one.npos;
                            });
        own.append(text, done, alias->begin - done);
        own += is_own ? text.substr(alias->begin, alias->end - alias->begin)
                      : engine::alias_text(engine::foreign_kind, alias->number);
        done = alias->end;
    }
    own.append(text, done);

    const Lock lock(mutex_);
    std::string out;
    done = 0;
    for (const session::FoundSecret& secret : finder_.find(own)) {
        out.append(own, done, secret.begin - done);
        const std::string_view value = std::string_view(own).substr(secret.begin, secret.end - secret.begin);
        const auto whole = put_back(value, Place::Json); // there may be something hidden in it already
        append_hidden(out, secret, whole ? std::string_view(*whole) : value, Source::Server);
        done = secret.end;
    }
    return out.append(own, done);
}

void Vault::append_hidden(std::string& out, const session::FoundSecret& secret, std::string_view text, Source source) {
    const bool is_ours = secret.value != 0 || secret.kind == binding_kind;
    const Hidden& hidden = hidden_for(secret.kind, text, source, is_ours ? Keep::Always : Keep::AsLongAsFits);
    append_alias(out, hidden.kind, hidden.number);
}

Result<std::string> Vault::restore(std::string_view text, Place place) const {
    const Lock lock(mutex_);
    return put_back(text, place);
}

Result<std::string> Vault::put_back(std::string_view text, Place place) const {
    std::string out;
    std::size_t done = 0;
    engine::AliasScanner aliases(text);
    while (const auto alias = aliases.next()) {
        out.append(text.substr(done, (alias->equal_signs > 0 ? alias->inside : alias->begin) - done));
        done = alias->end;
        if (alias->equal_signs > 0) {
            done = alias->inside + alias->equal_size;
            out.append(text.substr(done, alias->end - done));
            done = alias->end;
            continue;
        }
        const Hidden* hidden = find(alias->kind, alias->number);
        if (hidden == nullptr || !hidden->is_of_server)
            return fail(ErrorCode::Hidden, "it holds " + engine::alias_text(alias->kind, alias->number) +
                                               ", which stands for a text that is not known any more");
        out += as_at(place, hidden->text.expose());
    }
    return out.append(text.substr(done));
}

std::string Vault::reveal(std::string_view text) const {
    const Lock lock(mutex_);
    const Place place = text.starts_with('{') ? Place::Json : Place::Plain;
    std::string out;
    std::size_t done = 0;
    engine::AliasScanner aliases(text);
    while (const auto alias = aliases.next()) {
        const Hidden* hidden = alias->equal_signs == 0 ? find(alias->kind, alias->number) : nullptr;
        if (alias->equal_signs == 0 && (hidden == nullptr || !hidden->is_binding_token)) continue;
        out.append(text.substr(done, (hidden ? alias->begin : alias->inside) - done));
        if (hidden) out += as_at(place, hidden->text.expose());
        done = hidden ? alias->end : alias->inside + alias->equal_size;
    }
    return out.append(text.substr(done));
}

const Vault::Hidden& Vault::hidden_for(std::string_view kind, std::string_view text, Source source, Keep keep) {
    const std::size_t hash = std::hash<std::string_view>{}(text), cost = text.size() + cost_of_one;
    const auto [first, last] = by_text_.equal_range(hash);
    const auto known = std::find_if(first, last, [&](const auto& one) { return one.second->text.expose() == text; });
    Hiddens::iterator hidden;
    if (known != last) {
        hidden = known->second;
    } else {
        const auto count = counts_.try_emplace(std::string(kind)).first;
        forgettable_.push_back({std::string(kind), ++count->second, Secret(text)});
        hidden = std::prev(forgettable_.end());
        by_text_.emplace(hash, hidden);
        by_alias_.emplace(std::pair(hidden->kind, hidden->number), hidden);
        forgettable_bytes_ += cost;
    }
    hidden->is_of_server |= source == Source::Server;
    // Ours are few; the spellings of them that a server makes up may be many.
    if (keep == Keep::Always && !hidden->is_kept && kept_bytes_ + cost <= max_hidden_bytes) {
        hidden->is_kept = true;
        kept_.splice(kept_.end(), forgettable_, hidden);
        kept_bytes_ += cost;
        forgettable_bytes_ -= cost;
    }
    hidden->is_binding_token |= hidden->is_kept && kind == binding_kind;
    while (forgettable_bytes_ > max_hidden_bytes && forgettable_.begin() != hidden) forget(forgettable_.begin());
    return *hidden;
}

void Vault::forget(Hiddens::iterator hidden) {
    const std::string_view text = hidden->text.expose();
    const auto [first, last] = by_text_.equal_range(std::hash<std::string_view>{}(text));
    by_text_.erase(std::find_if(first, last, [&](const auto& one) { return one.second == hidden; }));
    by_alias_.erase(std::pair(hidden->kind, hidden->number));
    forgettable_bytes_ -= text.size() + cost_of_one;
    forgettable_.erase(hidden);
    if (std::exchange(has_forgotten_, true)) return;
    spdlog::warn(
        "more than {} MB of signed links and the like are hidden: the oldest are forgotten, so that edits of "
        "what holds them are sent as a PATCH or not at all",
        max_hidden_bytes >> 20);
}

const Vault::Hidden* Vault::find(std::string_view kind, std::uint64_t number) const {
    const auto found = by_alias_.find(std::pair(std::string(kind), number));
    return found == by_alias_.end() ? nullptr : &*found->second;
}

} // namespace fhirscope::runtime
