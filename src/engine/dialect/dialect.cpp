#include "engine/dialect/dialect.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "fhir/json_writer.hpp"
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

fhir::JsonWriter& begin_extension(fhir::JsonWriter& json, std::string_view name) {
    return json.object().member("url", std::string(backport) + std::string(name));
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

long heartbeat_seconds(const Config& config) { return std::max<long>(1, config.heartbeat_period.count() / 1000); }

void write_backport(fhir::JsonWriter& json, const Config& config, const Subscription& subscription,
                    const std::string& topic) {
    json.object("meta").array("profile").value(std::string(backport) + "backport-subscription").end().end();
    json.member("criteria", topic);
    if (const auto filters = filters_of(subscription.view.criteria); !filters.empty()) {
        json.object("_criteria").array("extension");
        for (const std::string& filter : filters)
            begin_extension(json, "backport-filter-criteria")
                .member("valueString", subscription.type + "?" + filter)
                .end();
        json.end().end();
    }
    json.object("channel").array("extension");
    begin_extension(json, "backport-heartbeat-period").member("valueUnsignedInt", heartbeat_seconds(config)).end();
    json.end().member("type", "websocket").member("payload", "application/fhir+json");
    json.object("_payload").array("extension");
    begin_extension(json, "backport-payload-content")
        .member("valueCode", fhir::to_string(config.dialect.content))
        .end();
    json.end().end().end();
}

void write_r5(fhir::JsonWriter& json, const Config& config, const Subscription& subscription,
              const std::string& topic) {
    json.member("topic", topic);
    if (const auto filters = filters_of(subscription.view.criteria); !filters.empty()) {
        json.array("filterBy");
        for (const std::string& filter : filters) {
            const auto equals = filter.find('=');
            const std::string name = filter.substr(0, equals);
            const auto colon = name.find(':');
            json.object().member("resourceType", subscription.type).member("filterParameter", name.substr(0, colon));
            if (colon != std::string::npos) json.member("modifier", name.substr(colon + 1));
            json.member("value", equals == std::string::npos ? std::string() : filter.substr(equals + 1)).end();
        }
        json.end();
    }
    json.object("channelType")
        .member("system", "http://terminology.hl7.org/CodeSystem/subscription-channel-type")
        .member("code", "websocket")
        .end();
    json.member("heartbeatPeriod", heartbeat_seconds(config))
        .member("contentType", "application/fhir+json")
        .member("content", fhir::to_string(config.dialect.content));
}

} // namespace

std::optional<milliseconds> silence_allowed(const State& s) {
    if (dialect_of(s.config) == Dialect::Hapi) return std::nullopt;
    milliseconds period = s.config.heartbeat_period;
    // What the server made of the period that was asked for (PROTOCOL B1).
    for (const Subscription& subscription : s.subscriptions) period = std::max(period, subscription.dialect.heartbeat);
    return milliseconds(static_cast<long>(static_cast<double>(period.count()) * s.config.heartbeat_patience));
}

std::optional<std::string> subscription_body(const State& s, SubscriptionIndex i, std::string_view id,
                                             std::string_view status) {
    const Subscription& subscription = s.subscriptions[i];
    const Dialect dialect = dialect_of(s.config);
    const std::string reason = "fhirscope: " + subscription.view.name;
    fhir::JsonWriter json;
    json.object();
    if (!id.empty()) json.member("id", id);
    json.member("resourceType", "Subscription");
    if (status.empty()) status = dialect == Dialect::Medplum ? "active" : "requested";
    json.member("status", status);
    if (dialect != Dialect::Medplum) {
        const auto server_now =
            std::chrono::duration_cast<milliseconds>(s.now.time_since_epoch() + s.connection.clock_offset);
        const auto end = ServerTime(server_now + s.config.subscription_renew_after + end_after_renewal);
        json.member("end", fhir::format_instant(end));
    }
    json.member("reason", reason);
    if (dialect == Dialect::Medplum || dialect == Dialect::Hapi) {
        json.member("criteria", subscription.view.criteria).object("channel").member("type", "websocket").end().end();
        return json.take();
    }
    const auto topic = std::find_if(s.config.dialect.topics.begin(), s.config.dialect.topics.end(),
                                    [&](const Topic& t) { return t.type == subscription.type; });
    if (topic == s.config.dialect.topics.end()) return std::nullopt;
    if (dialect == Dialect::R5)
        write_r5(json, s.config, subscription, topic->url);
    else
        write_backport(json, s.config, subscription, topic->url);
    json.end();
    return json.take();
}

// {"type":…,"payload":{"token":…}}: how Medplum's frames name a token.
std::string token_frame(std::string_view type, const std::string& token) {
    fhir::JsonWriter json;
    json.object().member("type", type).object("payload").member("token", token).end().end();
    return json.take();
}

std::string bind_text(const Config& config, const Binding& binding) {
    constexpr std::string_view place = "{token}";
    const std::string json = token_frame("bind-with-token", binding.token);
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
           "&_count=" + std::to_string(s.recovery->page_size);
}

bool take_deletions_of_history(State& s, const fhir::BundlePage& page) {
    if (dialect_of(s.config) == Dialect::Medplum) return false;
    for (const fhir::BundleEntry& entry : page.entries) {
        if (!entry.is_deletion()) continue;
        const std::string reference = entry.reference(); // some entries have no fullUrl, and are named by their request
        const Record* known = s.stores.get(reference);
        // It may have been written again since: only a read says what is so now.
        if (known && known->resource()) want_read(s, reference, {.told = true});
    }
    pump_reads(s);
    return true;
}

bool lacks_deletions(State& s, SubscriptionIndex i, std::uint16_t status) {
    if (dialect_of(s.config) == Dialect::Medplum || status < 400 || status >= 500 || status == 429) return false;
    log_event(s, {.code = FactCode::NoTypeHistory, .about = s.subscriptions[i].type, .status = status}, i);
    return true;
}

} // namespace fhirscope::engine
