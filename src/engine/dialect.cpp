#include "engine/dialect.hpp"

#include "engine/state.hpp"
#include "fhir/json.hpp"
#include "fhir/reference.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

using fhir::Dialect;
using std::chrono::milliseconds;

constexpr std::string_view backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
// Behind the moment at which the Subscription is extended; a program that ends leaves no Subscription for longer than
// that.
constexpr std::chrono::hours end_after_renewal{1};

Dialect dialect_of(const Config& config) { return config.dialect.dialect; }

std::string extension(std::string_view name, std::string_view value_type, const std::string& json) {
    return "{\"url\":" + fhir::quote(std::string(backport) + std::string(name)) + ",\"value" + std::string(value_type) +
           "\":" + json + "}";
}

// "Task?a=1&b=2" → "a=1", "b=2".
std::vector<std::string> filters_of(std::string_view criteria) {
    std::vector<std::string> filters;
    const auto mark = criteria.find('?');
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : criteria.substr(mark + 1);
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find('&'));
        if (!one.empty()) filters.emplace_back(one);
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    }
    return filters;
}

std::string backport_body(const Config& config, const Subscription& subscription, const std::string& topic,
                          const std::string& head) {
    std::string filters;
    for (const std::string& filter : filters_of(subscription.view.criteria))
        filters += (filters.empty() ? "" : ",") +
                   extension("backport-filter-criteria", "String", fhir::quote(subscription.type + "?" + filter));
    return head + ",\"meta\":{\"profile\":[" + fhir::quote(std::string(backport) + "backport-subscription") +
           "]},\"criteria\":" + fhir::quote(topic) +
           (filters.empty() ? "" : ",\"_criteria\":{\"extension\":[" + filters + "]}") +
           ",\"channel\":{\"extension\":[" +
           extension("backport-heartbeat-period", "UnsignedInt",
                     std::to_string(std::max<long>(1, config.heartbeat_period.count() / 1000))) +
           R"(],"type":"websocket","payload":"application/fhir+json","_payload":{"extension":[)" +
           extension("backport-payload-content", "Code", fhir::quote(fhir::to_string(config.dialect.content))) + "]}}}";
}

std::string r5_body(const Config& config, const Subscription& subscription, const std::string& topic,
                    const std::string& head) {
    std::string filters;
    for (const std::string& filter : filters_of(subscription.view.criteria)) {
        const auto equals = filter.find('=');
        std::string name = filter.substr(0, equals), modifier;
        if (const auto colon = name.find(':'); colon != std::string::npos) {
            modifier = ",\"modifier\":" + fhir::quote(name.substr(colon + 1));
            name.resize(colon);
        }
        filters += std::string(filters.empty() ? "" : ",") + "{\"resourceType\":" + fhir::quote(subscription.type) +
                   ",\"filterParameter\":" + fhir::quote(name) + modifier +
                   ",\"value\":" + fhir::quote(equals == std::string::npos ? "" : filter.substr(equals + 1)) + "}";
    }
    return head + ",\"topic\":" + fhir::quote(topic) + (filters.empty() ? "" : ",\"filterBy\":[" + filters + "]") +
           R"(,"channelType":{"system":"http://terminology.hl7.org/CodeSystem/subscription-channel-type","code":"websocket"},"heartbeatPeriod":)" +
           std::to_string(std::max<long>(1, config.heartbeat_period.count() / 1000)) +
           R"(,"contentType":"application/fhir+json","content":)" +
           fhir::quote(fhir::to_string(config.dialect.content)) + "}";
}

} // namespace

bool numbers_events(const Config& config) { return survives_disconnect(config) && dialect_of(config) != Dialect::Hapi; }
bool survives_disconnect(const Config& config) { return dialect_of(config) != Dialect::Medplum; }
bool needs_token(const Config& config) { return dialect_of(config) != Dialect::Hapi; }
bool tells_deletions(const Config& config) { return dialect_of(config) != Dialect::Medplum; }
bool sends_ping(const Config& config) { return dialect_of(config) == Dialect::Medplum; }
bool heartbeats_list_all(const Config& config) { return dialect_of(config) == Dialect::Medplum; }

std::optional<milliseconds> silence_allowed(const State& s) {
    if (dialect_of(s.config) == Dialect::Hapi) return std::nullopt;
    milliseconds period = s.config.heartbeat_period;
    // What the server made of the period that was asked for (PROTOCOL B1).
    for (const Subscription& subscription : s.subscriptions) period = std::max(period, subscription.dialect.heartbeat);
    return milliseconds(static_cast<long>(static_cast<double>(period.count()) * s.config.heartbeat_patience));
}

Result<std::string> subscription_body(const State& s, SubscriptionIndex i) {
    const Subscription& subscription = s.subscriptions[i];
    const std::string reason = fhir::quote("fhirscope: " + subscription.view.name);
    const std::string criteria = fhir::quote(subscription.view.criteria);
    if (dialect_of(s.config) == Dialect::Medplum)
        return R"({"resourceType":"Subscription","status":"active","reason":)" + reason + R"(,"criteria":)" + criteria +
               R"(,"channel":{"type":"websocket"}})";
    const auto server_now =
        std::chrono::duration_cast<milliseconds>(s.now.time_since_epoch() + s.connection.clock_offset);
    const auto end = ServerTime(server_now + s.config.subscription_renew_after + end_after_renewal);
    const std::string head = R"({"resourceType":"Subscription","status":"requested","end":)" +
                             fhir::quote(fhir::format_instant(end)) + R"(,"reason":)" + reason;
    if (dialect_of(s.config) == Dialect::Hapi)
        return head + R"(,"criteria":)" + criteria + R"(,"channel":{"type":"websocket"}})";
    const auto topic = std::find_if(s.config.dialect.topics.begin(), s.config.dialect.topics.end(),
                                    [&](const Topic& t) { return t.type == subscription.type; });
    if (topic == s.config.dialect.topics.end())
        return fail("topic", "the server offers no SubscriptionTopic for " + subscription.type);
    return dialect_of(s.config) == Dialect::R5 ? r5_body(s.config, subscription, topic->url, head)
                                               : backport_body(s.config, subscription, topic->url, head);
}

std::string bind_text(const Config& config, const Binding& binding) {
    constexpr std::string_view place = "{token}";
    const std::string json = R"({"type":"bind-with-token","payload":{"token":)" + fhir::quote(binding.token) + "}}";
    if (dialect_of(config) == Dialect::Medplum) return json;
    if (dialect_of(config) == Dialect::Hapi) return "bind " + binding.id;
    switch (config.dialect.bind_style) {
        case BindStyle::TextSpace:
            break;
        case BindStyle::TextColon:
            return "bind-with-token: " + binding.token;
        case BindStyle::MedplumJson:
            return json;
        case BindStyle::Template: {
            std::string text = config.dialect.bind_template;
            if (const auto at = text.find(place); at != std::string::npos)
                text.replace(at, place.size(), binding.token);
            return text;
        }
    }
    return "bind-with-token " + binding.token;
}

// Medplum lists deleted resources in a search (A13); the standard has the history of the type.
std::string deletions_query(const State& s, SubscriptionIndex i, const std::string& since_parameter) {
    const std::string& type = s.subscriptions[i].type;
    if (dialect_of(s.config) == Dialect::Medplum)
        return type + "?_deleted=true&" + since_parameter + "&" + paged(s, s.subscriptions[i].by_offset);
    return type + "/_history?_since=" + since_parameter.substr(since_parameter.find("=ge") + 3) +
           "&_count=" + std::to_string(s.page_size);
}

bool take_deletions_of_history(State& s, const fhir::BundlePage& page) {
    if (dialect_of(s.config) == Dialect::Medplum) return false;
    for (const fhir::BundleEntry& entry : page.entries) {
        if (entry.method != "DELETE") continue;
        const std::string reference(fhir::local_reference(entry.full_url));
        const Record* known = s.stores.get(reference);
        // It may have been written again since: only a read says what is so now.
        if (known && known->resource()) want_read(s, reference);
    }
    pump_reads(s);
    return true;
}

bool lacks_deletions(State& s, SubscriptionIndex i, std::uint16_t status) {
    if (dialect_of(s.config) == Dialect::Medplum || status < 400 || status >= 500 || status == 429) return false;
    log_event(s, EventKind::Recovery, Severity::Attention,
              "the server has no history of " + s.subscriptions[i].type + " (HTTP " + std::to_string(status) +
                  "): what was deleted meanwhile shows only in a reconciliation",
              i);
    return true;
}

} // namespace fhirscope::engine
