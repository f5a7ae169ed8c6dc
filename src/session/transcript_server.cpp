#include "session/transcript_server.hpp"

#include <algorithm>
#include <cctype>

namespace fhirscope::session {
namespace {

using fhir::Dialect;

constexpr const char* usual_path = "fhir/R4/";
constexpr std::size_t roots_kept = 64;

// A resource type as a part of a path: "Task", not "R4".
bool is_type_part(std::string_view part) {
    return part.size() >= 4 && std::isupper(static_cast<unsigned char>(part[0])) != 0 &&
           std::ranges::all_of(
               part, [](unsigned char c) { return std::isalpha(c) != 0; });
}

const rapidjson::Value* member(const rapidjson::Value& of, const char* name) {
    if (!of.IsObject()) return nullptr;
    const auto found = of.FindMember(name);
    return found == of.MemberEnd() ? nullptr : &found->value;
}

// The resource of a Bundle's first entry.
const rapidjson::Value* first_resource(const rapidjson::Value& bundle) {
    const rapidjson::Value* entries = member(bundle, "entry");
    if (!entries || !entries->IsArray() || entries->Empty()) return nullptr;
    return member((*entries)[0], "resource");
}

} // namespace

std::string base_of(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == url.npos) return {};
    const std::size_t end = std::min(url.find_first_of("/?#", scheme + 3), url.size());
    std::string base(url.substr(0, end));
    if (base.starts_with("ws")) base.replace(0, 2, "http");
    return base + "/";
}

void TranscriptServer::see(const rapidjson::Value& line) {
    const std::string_view dir = fhir::string_at(line, "dir"), url = fhir::string_at(line, "url");
    if (dir == "ws-open") {
        if (socket_base_.empty()) socket_base_ = base_of(url);
        const std::string_view path = url.substr(0, url.find_first_of("?#"));
        if (path.ends_with("/ws/subscriptions-r4")) ++dialects_[static_cast<std::size_t>(Dialect::Medplum)];
        return;
    }
    if (dir.starts_with("http-")) return see_url(url);
    if (const rapidjson::Value* body = member(line, "body"); body && dir.starts_with("ws-"))
        see_frame(*body, dir == "ws-recv");
}

void TranscriptServer::see_url(std::string_view url) {
    const std::string base = base_of(url);
    if (base.empty()) return;
    if (first_base_.empty()) first_base_ = base;
    std::string_view rest = url.substr(std::min(base.size(), url.size()));
    rest = rest.substr(0, rest.find_first_of("?#"));
    std::string path;
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('/'));
        if (is_type_part(part) || part == "metadata") {
            if (roots_.size() < roots_kept || roots_.contains({base, path})) ++roots_[{base, path}];
            return;
        }
        rest = part.size() < rest.size() ? rest.substr(part.size() + 1) : std::string_view();
        path.append(part).append("/");
    }
}

// What only one dialect says counts for more than what several may say.
void TranscriptServer::see_frame(const rapidjson::Value& body, bool received) {
    constexpr std::uint32_t sure = 100, perhaps = 1;
    const auto vote = [&](Dialect dialect, std::uint32_t weight) {
        dialects_[static_cast<std::size_t>(dialect)] += weight;
    };
    if (body.IsString()) {
        const std::string_view text(body.GetString(), body.GetStringLength());
        const bool hapi =
            received ? text.starts_with("bound ") || text.starts_with("ping ") : text.starts_with("bind ");
        if (hapi) vote(Dialect::Hapi, sure);
        return;
    }
    if (!received || fhir::string_at(body, "resourceType") != "Bundle") return;
    if (fhir::string_at(body, "type") == "subscription-notification") return vote(Dialect::R5, sure);
    const rapidjson::Value* status = first_resource(body);
    if (!status) return;
    const std::string_view type = fhir::string_at(*status, "resourceType");
    if (type == "Parameters") return vote(Dialect::BackportR4, sure);
    if (type != "SubscriptionStatus") return;
    const bool standard = member(*status, "topic") || member(*status, "eventsSinceSubscriptionStart");
    vote(standard ? Dialect::R4B : Dialect::Medplum, standard ? sure : perhaps);
}

std::string TranscriptServer::base_url() const {
    const auto most = std::ranges::max_element(roots_, {}, [](const auto& root) { return root.second; });
    if (most != roots_.end()) return most->first.first;
    return first_base_.empty() ? socket_base_ : first_base_;
}

std::string TranscriptServer::fhir_path() const {
    const auto most = std::ranges::max_element(roots_, {}, [](const auto& root) { return root.second; });
    return most == roots_.end() ? usual_path : most->first.second;
}

fhir::Dialect TranscriptServer::dialect() const {
    return static_cast<Dialect>(std::ranges::max_element(dialects_) - dialects_.begin()); // Medplum where nothing tells
}

} // namespace fhirscope::session
