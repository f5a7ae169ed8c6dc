#include "runtime/vault.hpp"

#include "fhir/json.hpp"

#include <string.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace fhirscope::runtime {
namespace {

constexpr std::string_view binding_kind = "binding-token";

struct Member {
    std::string_view name, kind;
};
constexpr std::array members{
    Member{"access_token", "access-token"},
    Member{"refresh_token", "refresh-token"},
    Member{"id_token", "id-token"},
    Member{"client_secret", "client-secret"},
    Member{"clientSecret", "client-secret"},
    Member{"secret", "client-secret"},
    Member{"retiringSecret", "client-secret"},
};
// The ends of all these names: few long needles, because frames of some kilobytes pass here thousands of times a
// second.
constexpr std::array<std::string_view, 3> member_ends{"_token\"", "secret\"", "Secret\""};

std::size_t find(std::string_view text, std::string_view needle, std::size_t from = 0) {
    if (from > text.size()) return std::string_view::npos;
    const void* hit = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
    return hit ? static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) : std::string_view::npos;
}

bool contains(std::string_view text, std::string_view needle) { return find(text, needle) != std::string_view::npos; }

bool is_base64url(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skip_base64url(std::string_view text, std::size_t i) {
    while (i < text.size() && is_base64url(text[i])) ++i;
    return i;
}

// The end of the JWT that begins at `begin` with "eyJ", or npos where it is something else that begins so.
std::size_t jwt_end(std::string_view text, std::size_t begin) {
    const std::size_t header = skip_base64url(text, begin);
    if (header >= text.size() || text[header] != '.' || header - begin < 8) return std::string_view::npos;
    const std::size_t payload = skip_base64url(text, header + 1);
    if (payload >= text.size() || text[payload] != '.' || payload - header < 4) return std::string_view::npos;
    return skip_base64url(text, payload + 1);
}

struct StringSpan {
    std::size_t begin = 0, end = 0; // of what is between the quotes
};
// The JSON string that is the value of the member whose name's closing quote is at `quote`.
std::optional<StringSpan> string_value_after(std::string_view text, std::size_t quote) {
    std::size_t i = quote + 1;
    while (i < text.size() && is_space(text[i])) ++i;
    if (i >= text.size() || text[i] != ':') return std::nullopt;
    ++i;
    while (i < text.size() && is_space(text[i])) ++i;
    if (i >= text.size() || text[i] != '"') return std::nullopt;
    const std::size_t begin = ++i;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    return StringSpan{begin, std::min(i, text.size())};
}

std::string_view kind_of_member(std::string_view text, std::size_t quote) {
    for (const Member& member : members) {
        if (quote < member.name.size() + 1) continue;
        const std::size_t begin = quote - member.name.size();
        if (text[begin - 1] == '"' && text.substr(begin, member.name.size()) == member.name) return member.kind;
    }
    return {};
}

// Every parameter's "valueString" beside "name": "token".
void find_token_parameters(rapidjson::Value& value, std::vector<rapidjson::Value*>& found) {
    if (value.IsArray()) {
        for (auto& item : value.GetArray()) find_token_parameters(item, found);
    } else if (value.IsObject()) {
        const auto token = value.FindMember("valueString");
        if (token != value.MemberEnd() && token->value.IsString() && fhir::string_at(value, "name") == "token")
            found.push_back(&token->value);
        for (auto& member : value.GetObject()) find_token_parameters(member.value, found);
    }
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t i = find(text, from); i != std::string::npos; i = find(text, from, i + to.size()))
        text.replace(i, from.size(), to);
}

} // namespace

void Vault::protect(std::string_view kind, const Secret& secret) {
    const std::lock_guard lock(mutex_);
    replace_everywhere(alias_of_seen(kind, secret.expose()), secret.expose());
}

// A JWT is found by its shape anyhow.
void Vault::replace_everywhere(const std::string& alias, std::string_view value) {
    if (value.size() < min_protected_size || (value.starts_with("eyJ") && jwt_end(value, 0) == value.size())) return;
    for (const Known& known : protected_)
        if (known.secret.expose() == value) return;
    if (protected_.size() >= max_protected) protected_.pop_front();
    protected_.push_back({alias, Secret(value)});
}

std::string Vault::redact(std::string text) {
    const std::lock_guard lock(mutex_);
    redact_parameters(text);
    redact_protected(text);
    redact_members(text);
    redact_jwts(text);
    return text;
}

std::string Vault::reveal(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    std::string out;
    std::size_t done = 0;
    const std::string prefix = "<" + std::string(binding_kind) + "-";
    for (std::size_t i = find(text, prefix); i != std::string_view::npos; i = find(text, prefix, i + 1)) {
        const std::size_t end = text.find('>', i);
        if (end == std::string_view::npos) break;
        const std::string_view alias = text.substr(i, end + 1 - i);
        const auto known = std::find_if(binding_tokens_.begin(), binding_tokens_.end(),
                                        [&](const Known& k) { return k.alias == alias; });
        if (known == binding_tokens_.end()) continue;
        const std::string quoted = fhir::quote(known->secret.expose());
        out.append(text.substr(done, i - done)).append(quoted, 1, quoted.size() - 2);
        done = end + 1;
    }
    out.append(text.substr(done));
    return out;
}

std::string Vault::alias_of_binding_token(std::string_view value) {
    for (const Known& known : binding_tokens_)
        if (known.secret.expose() == value) return known.alias;
    const std::uint64_t number = ++counts_[std::string(binding_kind)];
    if (binding_tokens_.size() >= max_binding_tokens) binding_tokens_.pop_front();
    binding_tokens_.push_back({"<" + std::string(binding_kind) + "-" + std::to_string(number) + ">", Secret(value)});
    const std::string& alias = binding_tokens_.back().alias;
    replace_everywhere(alias, value); // a server may repeat a token in what it says about it
    return alias;
}

std::string Vault::alias_of_seen(std::string_view kind, std::string_view value) {
    for (const Known& known : binding_tokens_)
        if (known.secret.expose() == value) return known.alias;
    const std::uint64_t hash = std::hash<std::string_view>{}(value);
    if (const auto seen = seen_.find(hash); seen != seen_.end()) return seen->second;
    if (seen_.size() >= max_seen) seen_.clear();
    const std::uint64_t number = ++counts_[std::string(kind)];
    return seen_[hash] = "<" + std::string(kind) + "-" + std::to_string(number) + ">";
}

void Vault::redact_parameters(std::string& text) {
    if (!contains(text, "\"token\"") || !contains(text, "\"valueString\"")) return;
    auto document = fhir::parse_json(text);
    if (!document) return;
    std::vector<rapidjson::Value*> tokens;
    find_token_parameters(*document, tokens);
    for (rapidjson::Value* token : tokens) {
        const std::string alias = alias_of_binding_token({token->GetString(), token->GetStringLength()});
        token->SetString(alias, document->GetAllocator());
    }
    // Written anew rather than patched: the token may be spelled with escapes, and Parameters are small.
    if (!tokens.empty()) text = fhir::to_text(*document);
}

void Vault::redact_protected(std::string& text) {
    for (const Known& known : protected_) replace_all(text, known.secret.expose(), known.alias);
}

void Vault::redact_members(std::string& text) {
    for (const std::string_view end : member_ends) {
        for (std::size_t i = find(text, end); i != std::string::npos; i = find(text, end, i + 1)) {
            const std::size_t quote = i + end.size() - 1;
            const std::string_view kind = kind_of_member(text, quote);
            if (kind.empty()) continue;
            const auto value = string_value_after(text, quote);
            if (!value || value->begin == value->end || text[value->begin] == '<') continue;
            const std::string old = text.substr(value->begin, value->end - value->begin);
            text.replace(value->begin, old.size(), alias_of_seen(kind, old));
        }
    }
}

void Vault::redact_jwts(std::string& text) {
    for (std::size_t i = find(text, "eyJ"); i != std::string::npos; i = find(text, "eyJ", i + 1)) {
        if (i > 0 && is_base64url(text[i - 1])) continue; // in the middle of something longer
        const std::size_t end = jwt_end(text, i);
        if (end == std::string::npos) continue;
        const std::string alias = alias_of_seen("jwt", std::string_view(text).substr(i, end - i));
        text.replace(i, end - i, alias);
        i += alias.size() - 1;
    }
}

} // namespace fhirscope::runtime
