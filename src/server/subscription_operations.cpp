// What the standard's dialects and HAPI offer over HTTP beside Medplum's interactions (PROTOCOL B1, B3, C): $status,
// $events, tokens for several Subscriptions, topics, Subscriptions that a search lists, the history of a type.
#include "fhir/json.hpp"
#include "server/fhir_api.hpp"
#include "server/search.hpp"

#include <algorithm>
#include <charconv>

namespace fhirscope::server {

namespace {

// A GET's query, or the parameters of a POSTed Parameters resource, whatever their types.
Parameters parameters_of(std::string_view method, std::string_view query, std::string_view body) {
    auto parameters = Parameters::parse(query);
    if (method != "POST") return parameters;
    auto json = fhir::parse_json(body);
    if (!json || !json->IsObject()) return parameters;
    auto list = json->FindMember("parameter");
    if (list == json->MemberEnd() || !list->value.IsArray()) return parameters;
    for (const auto& parameter : list->value.GetArray()) {
        if (!parameter.IsObject()) continue;
        for (const auto& member : parameter.GetObject())
            if (std::string_view(member.name.GetString()).starts_with("value") && member.value.IsString())
                parameters.items.emplace_back(fhir::string_at(parameter, "name"), member.value.GetString());
    }
    return parameters;
}

std::uint64_t number_or(const std::string& text, std::uint64_t fallback) {
    std::uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && !text.empty() && end == text.data() + text.size() ? value : fallback;
}

std::string searchset(const std::vector<std::string>& resources) {
    fhir::JsonWriter json;
    json.object().member("resourceType", "Bundle").member("type", "searchset").member("total", resources.size());
    json.array("entry");
    for (const auto& resource : resources)
        json.object().raw("resource", resource).raw("search", R"({"mode":"match"})").end();
    json.end().end();
    return json.take();
}

} // namespace

std::optional<FhirApi::Reply> FhirApi::dialect_call(const Call& call) {
    const auto& path = call.path;
    const bool get = call.method == "GET", post = call.method == "POST";
    Reply reply;
    if (path[0] == "SubscriptionTopic" && get && path.size() == 1 &&
        (hub_.dialect() == Dialect::R4B || hub_.dialect() == Dialect::R5)) {
        std::vector<std::string> topics;
        for (auto type : topic_types()) topics.push_back(topic_resource(hub_.dialect(), type));
        reply.body = searchset(topics);
        return reply;
    }
    if (hub_.dialect() == Dialect::Medplum) return std::nullopt;
    if (path.size() == 2 && path[1] == "_history" && get) return type_history(call);
    if (path[0] != "Subscription") return std::nullopt;
    const auto& operation = path.back();
    if (path.size() == 1 && get) {
        std::vector<std::string> all;
        for (const auto* subscription : hub_.all(clock_())) all.push_back(subscription->text);
        reply.body = searchset(all);
        return reply;
    }
    if (path.size() > 3 || !operation.starts_with('$')) return std::nullopt;
    if (!has_topics(hub_.dialect())) return Reply(outcomes::not_found());
    if (!get && !post) return Reply(outcomes::not_found());
    const std::string id = path.size() == 3 ? path[1] : "";
    const auto given = parameters_of(call.method, call.query, call.body);
    std::vector<std::string> ids;
    for (const auto& [name, value] : given.items)
        if (name == "id") ids.push_back(value);
    if (!id.empty()) ids = {id};
    if (operation == "$status") {
        std::vector<const SubscriptionHub::Subscription*> found;
        const auto status = given.get("status");
        for (const auto* subscription : hub_.all(clock_())) {
            const bool wanted = ids.empty() || std::find(ids.begin(), ids.end(), subscription->id) != ids.end();
            if (wanted && (status.empty() || status == subscription->status)) found.push_back(subscription);
        }
        if (!id.empty() && found.empty() && status.empty()) return Reply(outcomes::not_found());
        reply.body = hub_.status_bundle(found);
        return reply;
    }
    if (operation == "$events" && !id.empty()) {
        const auto* subscription = hub_.find(id, clock_());
        if (!subscription) return Reply(outcomes::not_found());
        auto content = subscription->wish.content;
        for (auto payload : {fhir::Payload::Empty, fhir::Payload::IdOnly, fhir::Payload::Full})
            if (given.get("content") == fhir::to_string(payload)) content = payload;
        reply.body = hub_.events_bundle(*subscription, number_or(given.get("eventsSinceNumber"), 1),
                                        number_or(given.get("eventsUntilNumber"), UINT64_MAX), content, clock_());
        return reply;
    }
    if (operation == "$get-ws-binding-token") {
        if (ids.empty()) return Reply(outcomes::bad_request("Say for which Subscriptions: id is missing"));
        for (const auto& one : ids)
            if (!hub_.find(one, clock_())) return Reply(outcomes::not_found());
        return binding_token_for(call, ids);
    }
    return Reply(outcomes::not_found());
}

// Every version since a time, newest first, deletions among them: how clients of servers without `_deleted` find them.
FhirApi::Reply FhirApi::type_history(const Call& call) const {
    const auto query = Parameters::parse(call.query);
    const auto since = fhir::parse_instant(query.get("_since"));
    std::vector<VersionPtr> versions;
    const auto shown = filter(call);
    for (const auto& current : store_.all(call.path[0]))
        for (const auto& version : store_.history(call.path[0], current->id))
            if (shown(*version) && (!since || version->last_updated >= *since)) versions.push_back(version);
    std::stable_sort(versions.begin(), versions.end(),
                     [](const auto& a, const auto& b) { return a->last_updated > b->last_updated; });
    Reply reply;
    fhir::JsonWriter json;
    json.object().member("resourceType", "Bundle").member("type", "history").member("total", versions.size());
    json.array("entry");
    for (const auto& version : versions) {
        json.object().member("fullUrl", options_.base_url + "fhir/R4/" + version->reference());
        if (!version->deleted()) json.raw("resource", rest_text(*version, call.extended));
        json.object("request")
            .member("method", version->deleted() ? "DELETE" : "PUT")
            .member("url", version->reference())
            .end();
        json.object("response")
            .member("status", version->deleted() ? "204" : "200")
            .member("lastModified", fhir::format_instant(version->last_updated))
            .end();
        json.end();
    }
    json.end().end();
    reply.body = json.take();
    return reply;
}

} // namespace fhirscope::server
