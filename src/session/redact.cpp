#include "session/redact.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>

namespace fhirscope::session {

namespace {

struct Range {
    std::size_t begin = 0, end = 0;
};

constexpr std::array<std::string_view, 5> secret_names{"client_secret", "access_token", "refresh_token", "id_token",
                                                       "client_assertion"};

bool is_base64url(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::size_t end_of_base64url(std::string_view text, std::size_t begin) {
    while (begin < text.size() && is_base64url(text[begin])) ++begin;
    return begin;
}

// "eyJ" is how base64url of `{"` begins: header.payload.signature, the signature perhaps empty.
void find_jwts(std::string_view text, std::vector<Range>& found) {
    for (std::size_t at = text.find("eyJ"); at != text.npos; at = text.find("eyJ", at)) {
        const std::size_t header = end_of_base64url(text, at);
        std::size_t end = header;
        if (header < text.size() && text[header] == '.') {
            const std::size_t payload = end_of_base64url(text, header + 1);
            if (payload > header + 1 && payload < text.size() && text[payload] == '.') {
                end = end_of_base64url(text, payload + 1);
                found.push_back({at, end});
            }
        }
        at = std::max(end, at + 3);
    }
}

// The value after `"name": "…"`, `\"name\":\"…\"` (JSON inside a string) or `name=…` (a form).
std::optional<Range> value_after(std::string_view text, std::size_t at) {
    std::size_t i = at;
    bool assigned = false, quoted = false, escaped = false;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if ((c == ':' || c == '=') && !assigned) {
            assigned = true;
        } else if (c == '"' && assigned) {
            escaped = text[i - 1] == '\\';
            quoted = true;
            ++i;
            break;
        } else if (c != '"' && c != '\\' && c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            break;
        }
    }
    if (!assigned) return std::nullopt;
    std::size_t end = i;
    if (!quoted) {
        end = std::min(text.find_first_of("&,}] \t\r\n\"", i), text.size());
    } else if (escaped) {
        end = std::min(text.find("\\\"", i), text.size());
    } else {
        while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        end = std::min(end, text.size());
    }
    const bool alias = i < text.size() && text[i] == '<';
    if (end == i || alias) return std::nullopt;
    return Range{i, end};
}

void find_members(std::string_view text, std::vector<Range>& found) {
    for (const std::string_view name : secret_names) {
        for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + name.size())) {
            const bool whole = at == 0 || !(is_base64url(text[at - 1])); // not the end of a longer name
            if (!whole) continue;
            if (const auto value = value_after(text, at + name.size())) found.push_back(*value);
        }
    }
}

} // namespace

std::string Redactor::alias_of(std::string_view secret) {
    const auto [it, fresh] = aliases_.try_emplace(XXH3_64bits(secret.data(), secret.size()), aliases_.size() + 1);
    return "<redacted-" + std::to_string(it->second) + ">";
}

std::optional<std::string> Redactor::apply(std::string_view text) {
    std::vector<Range> found;
    find_jwts(text, found);
    find_members(text, found);
    if (found.empty()) return std::nullopt;
    std::sort(found.begin(), found.end(),
              [](const Range& a, const Range& b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });

    std::string clean;
    std::size_t done = 0;
    for (const Range& range : found) {
        if (range.begin < done) continue; // inside the one before: a member whose value is a JWT
        clean.append(text, done, range.begin - done);
        clean += alias_of(text.substr(range.begin, range.end - range.begin));
        done = range.end;
        ++replaced_;
    }
    clean.append(text, done);
    return clean;
}

std::size_t Redactor::apply(engine::Input& input) {
    const std::uint64_t before = replaced_;
    const auto clean_string = [this](std::string& text) {
        if (auto clean = apply(text)) text = std::move(*clean);
    };
    const auto clean_text = [this](engine::Text& text) {
        if (!text) return;
        if (auto clean = apply(*text)) text = engine::make_text(std::move(*clean));
    };
    struct Visitor {
        decltype(clean_string)& string;
        decltype(clean_text)& text;
        void operator()(engine::Start& start) const { string(start.config.base_url); }
        void operator()(engine::HttpAnswer& answer) const {
            string(answer.location);
            text(answer.body);
        }
        void operator()(engine::HttpFailed& failed) const { string(failed.message); }
        void operator()(engine::SocketOpened&) const {}
        void operator()(engine::SocketFailed& failed) const { string(failed.message); }
        void operator()(engine::SocketClosed& closed) const { string(closed.reason); }
        void operator()(engine::Frame& frame) const { text(frame.text); }
        void operator()(engine::FrameSent& frame) const { text(frame.text); }
        void operator()(engine::Observed& observed) const {
            string(observed.url);
            text(observed.request_body);
            text(observed.response_body);
        }
        void operator()(engine::Tick&) const {}
        void operator()(engine::Drain&) const {}
        void operator()(engine::Command&) const {}
    };
    std::visit(Visitor{clean_string, clean_text}, input.body);
    return static_cast<std::size_t>(replaced_ - before);
}

} // namespace fhirscope::session
