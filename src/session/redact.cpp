#include "session/redact.hpp"

#include "fhir/slice.hpp"

#include <xxhash.h>

#include <utility>

namespace fhirscope::session {

Redactor::Redactor(Follow follow) : follow_(follow) {
    if (follow == Follow::Secrets) finder_.follow_binding_tokens();
}

bool Redactor::tell(std::string_view secret) { return looks_hidden(secret) || finder_.tell("redacted", secret); }

std::string Redactor::alias_of(const FoundSecret& found, std::string_view text) {
    // Told or only recognised by where it stands, it is the same secret.
    const std::uint32_t number = found.value != 0 ? found.value : finder_.number_of(fhir::unescape(text));
    const std::uint64_t key = number != 0 ? number : XXH3_64bits(text.data(), text.size());
    const auto [it, fresh] = aliases_.try_emplace(key, aliases_.size() + 1);
    return "<redacted-" + std::to_string(it->second) + ">";
}

std::vector<FoundSecret> Redactor::find(std::string_view text) {
    auto found = finder_.find(text);
    if (follow_ == Follow::Nothing) return found;
    bool is_more_known = false;
    for (const FoundSecret& secret : found) {
        if (secret.value != 0 || secret.kind == "jwt" || secret.kind == "hidden") continue;
        const std::string value = fhir::unescape(text.substr(secret.begin, secret.end - secret.begin));
        is_more_known |= value.size() >= SecretIndex::min_size;
        has_lost_any_ |= !tell(value);
    }
    return is_more_known ? finder_.find(text) : found;
}

std::optional<std::string> Redactor::apply(std::string_view text) {
    const auto found = find(text);
    if (found.empty()) return std::nullopt;
    std::string clean;
    std::size_t done = 0;
    for (const FoundSecret& secret : found) {
        clean.append(text, done, secret.begin - done);
        clean += alias_of(secret, text.substr(secret.begin, secret.end - secret.begin));
        done = secret.end;
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
            for (std::string* header : {&answer.content_type, &answer.etag, &answer.location, &answer.last_modified,
                                        &answer.date, &answer.rate_limit, &answer.retry_after})
                string(*header);
            text(answer.body);
        }
        void operator()(engine::HttpFailed& failed) const { string(failed.message); }
        void operator()(engine::SocketOpened&) const {}
        void operator()(engine::SocketFailed& failed) const { string(failed.message); }
        void operator()(engine::SocketClosed& closed) const { string(closed.reason); }
        void operator()(engine::Frame& frame) const { text(frame.text); }
        void operator()(engine::FrameSent& frame) const { text(frame.text); }
        void operator()(engine::Observed& observed) const {
            for (std::string* one : {&observed.url, &observed.etag, &observed.location, &observed.last_modified})
                string(*one);
            text(observed.request_body);
            text(observed.response_body);
        }
        void operator()(engine::Tick&) const {}
        void operator()(engine::Drain&) const {}
        void operator()(engine::Command&) const {}
        void operator()(engine::Woken&) const {}
        void operator()(engine::Resumed&) const {} // made of inputs that were looked through when they came
    };
    std::visit(Visitor{clean_string, clean_text}, input.body);
    return static_cast<std::size_t>(replaced_ - before);
}

} // namespace fhirscope::session
