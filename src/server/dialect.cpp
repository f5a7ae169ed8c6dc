#include "server/dialect.hpp"

#include "fhir/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::server {

namespace {

using fhir::JsonWriter;
using rapidjson::Document;
using rapidjson::Value;

constexpr std::string_view extension_base = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";
constexpr std::string_view topic_base = "http://fhirscope.example/SubscriptionTopic/";
constexpr std::array<std::string_view, 7> types_with_topic = {"Basic",   "Device",       "Observation", "Organization",
                                                              "Patient", "Practitioner", "Task"};

const Value* member(const Value& object, const char* name) {
    if (!object.IsObject()) return nullptr;
    auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
}

template <class F>
void each(const Value* array, F f) {
    if (array && array->IsArray())
        for (const auto& item : array->GetArray()) f(item);
}

bool is_extension(const Value& extension, std::string_view name) {
    const auto url = fhir::string_at(extension, "url");
    return url.starts_with(extension_base) && url.substr(extension_base.size()) == name;
}

std::string type_of_topic(std::string_view topic) {
    topic = topic.substr(0, topic.find('|'));
    for (auto type : types_with_topic)
        if (topic == topic_url(type)) return std::string(type);
    return {};
}

std::optional<fhir::Payload> content_of(std::string_view code) {
    for (auto payload : {fhir::Payload::Empty, fhir::Payload::IdOnly, fhir::Payload::Full})
        if (code == fhir::to_string(payload)) return payload;
    return std::nullopt;
}

void add_filter(std::string& criteria, std::string_view filter) {
    if (filter.empty()) return;
    criteria += criteria.find('?') == std::string::npos ? '?' : '&';
    criteria += filter;
}

Result<Wish> read_backport(const Value& content) {
    Wish wish;
    wish.topic = fhir::string_at(content, "criteria");
    wish.criteria = type_of_topic(wish.topic);
    if (wish.criteria.empty()) return fail(ErrorCode::Invalid, "There is no SubscriptionTopic " + wish.topic);
    if (const auto* shadow = member(content, "_criteria"))
        each(member(*shadow, "extension"), [&](const Value& extension) {
            if (!is_extension(extension, "backport-filter-criteria")) return;
            auto filter = fhir::string_at(extension, "valueString");
            add_filter(wish.criteria,
                       filter.substr(filter.find('?') == std::string_view::npos ? 0 : filter.find('?') + 1));
        });
    const auto* channel = member(content, "channel");
    wish.websocket = channel && fhir::string_at(*channel, "type") == "websocket";
    std::optional<fhir::Payload> payload;
    if (const auto* shadow = channel ? member(*channel, "_payload") : nullptr)
        each(member(*shadow, "extension"), [&](const Value& extension) {
            if (is_extension(extension, "backport-payload-content"))
                payload = content_of(fhir::string_at(extension, "valueCode"));
        });
    if (!channel || fhir::string_at(*channel, "payload").empty() || !payload)
        return fail(ErrorCode::Invalid,
                    "Subscription.channel.payload and its extension backport-payload-content are required");
    wish.content = *payload;
    return wish;
}

Result<Wish> read_r5(const Value& content) {
    for (const char* required : {"status", "topic", "channelType"})
        if (!member(content, required))
            return fail(ErrorCode::Invalid, "Missing required property Subscription." + std::string(required));
    Wish wish;
    wish.topic = fhir::string_at(content, "topic");
    wish.criteria = type_of_topic(wish.topic);
    if (wish.criteria.empty()) return fail(ErrorCode::Invalid, "There is no SubscriptionTopic " + wish.topic);
    each(member(content, "filterBy"), [&](const Value& filter) {
        std::string text(fhir::string_at(filter, "filterParameter"));
        if (auto modifier = fhir::string_at(filter, "modifier"); !modifier.empty()) text += ":" + std::string(modifier);
        auto comparator = fhir::string_at(filter, "comparator");
        text += "=" + std::string(comparator == "eq" ? "" : comparator) + std::string(fhir::string_at(filter, "value"));
        add_filter(wish.criteria, text);
    });
    wish.websocket = fhir::string_at(*member(content, "channelType"), "code") == "websocket";
    auto code = fhir::string_at(content, "content");
    auto payload = content_of(code.empty() ? "empty" : code);
    if (!payload) return fail(ErrorCode::Invalid, "Subscription.content is none of empty, id-only, full-resource");
    wish.content = *payload;
    return wish;
}

// --- writing

std::string absolute(const std::string& base_url, std::string_view reference) {
    return base_url + "fhir/R4/" + std::string(reference);
}

const Version& subject_of(const Commit& commit) {
    return commit.interaction == Interaction::Delete ? *commit.previous : *commit.current;
}

void write_parameter(JsonWriter& json, std::string_view name, std::string_view type, std::string_view value) {
    json.object().member("name", name).member("value" + std::string(type), value).end();
}

void write_named_reference(JsonWriter& json, std::string_view member, std::string_view reference) {
    json.object(member).member("reference", reference).end();
}

void write_reference_parameter(JsonWriter& json, std::string_view name, std::string_view reference) {
    json.object().member("name", name);
    write_named_reference(json, "valueReference", reference);
    json.end();
}

void write_parameters_status(JsonWriter& json, const std::string& base_url, const StatusFacts& facts,
                             std::span<const NumberedEvent> events, fhir::Payload content, const std::string& id) {
    json.object("resource").member("resourceType", "Parameters").member("id", id);
    json.object("meta")
        .array("profile")
        .value(std::string(extension_base) + "backport-subscription-status-r4")
        .end()
        .end();
    json.array("parameter");
    write_reference_parameter(json, "subscription",
                              absolute(base_url, "Subscription/" + std::string(facts.subscription)));
    if (content != fhir::Payload::Empty) write_parameter(json, "topic", "Canonical", facts.topic);
    write_parameter(json, "status", "Code", facts.status);
    write_parameter(json, "type", "Code", facts.type);
    write_parameter(json, "events-since-subscription-start", "String", std::to_string(facts.count));
    for (const auto& event : events) {
        json.object().member("name", "notification-event").array("part");
        write_parameter(json, "event-number", "String", std::to_string(event.number));
        write_parameter(json, "timestamp", "Instant", fhir::format_instant(event.time));
        if (content != fhir::Payload::Empty)
            write_reference_parameter(json, "focus", absolute(base_url, subject_of(event.commit).reference()));
        json.end().end();
    }
    json.end().end();
}

void write_status_resource(JsonWriter& json, const std::string& base_url, const StatusFacts& facts,
                           std::span<const NumberedEvent> events, fhir::Payload content, const std::string& id) {
    json.object("resource")
        .member("resourceType", "SubscriptionStatus")
        .member("id", id)
        .member("status", facts.status)
        .member("type", facts.type)
        .member("eventsSinceSubscriptionStart", std::to_string(facts.count));
    if (!events.empty()) json.array("notificationEvent");
    for (const auto& event : events) {
        json.object()
            .member("eventNumber", std::to_string(event.number))
            .member("timestamp", fhir::format_instant(event.time));
        if (content != fhir::Payload::Empty)
            write_named_reference(json, "focus", absolute(base_url, subject_of(event.commit).reference()));
        json.end();
    }
    if (!events.empty()) json.end();
    write_named_reference(json, "subscription", absolute(base_url, "Subscription/" + std::string(facts.subscription)));
    if (content != fhir::Payload::Empty) json.member("topic", facts.topic);
    json.end();
}

void write_focus_entry(JsonWriter& json, const std::string& base_url, const NumberedEvent& event,
                       fhir::Payload content) {
    const auto& subject = subject_of(event.commit);
    const char* method = event.commit.interaction == Interaction::Delete   ? "DELETE"
                         : event.commit.interaction == Interaction::Create ? "POST"
                                                                           : "PUT";
    json.object().member("fullUrl", absolute(base_url, subject.reference()));
    if (content == fhir::Payload::Full && event.commit.interaction != Interaction::Delete)
        json.raw("resource", subject.full_text());
    json.object("request").member("method", method).member("url", subject.reference()).end();
    json.raw("response", R"({"status":"200"})").end();
}

} // namespace

bool has_topics(Dialect dialect) { return dialect != Dialect::Medplum && dialect != Dialect::Hapi; }

std::span<const std::string_view> topic_types() { return types_with_topic; }

std::string topic_url(std::string_view type) {
    std::string name(type);
    name[0] = static_cast<char>(name[0] | 0x20);
    return std::string(topic_base) + name + "-changed";
}

std::string topic_resource(Dialect dialect, std::string_view type) {
    std::string name(type);
    name[0] = static_cast<char>(name[0] | 0x20);
    JsonWriter json;
    json.object()
        .member("resourceType", "SubscriptionTopic")
        .member("id", name + "-changed")
        .member("url", topic_url(type))
        .member("status", "active")
        .member("title", std::string(type) + " created, updated or deleted");
    json.array("resourceTrigger")
        .object()
        .member("resource", dialect == Dialect::R5 ? "http://hl7.org/fhir/StructureDefinition/" + std::string(type)
                                                   : std::string(type))
        .raw("supportedInteraction", R"(["create","update","delete"])")
        .end()
        .end();
    json.end();
    return json.take();
}

Result<Wish> read_wish(Dialect dialect, const Value& content) {
    Result<Wish> wish = dialect == Dialect::R5 ? read_r5(content)
                        : has_topics(dialect)  ? read_backport(content)
                                               : Wish{};
    if (!wish) return wish;
    if (dialect == Dialect::Hapi) {
        wish->criteria = fhir::string_at(content, "criteria");
        const auto* channel = member(content, "channel");
        wish->websocket = channel && fhir::string_at(*channel, "type") == "websocket";
        wish->content = fhir::Payload::Empty; // whatever channel.payload says (PROTOCOL C)
    }
    wish->end = fhir::parse_instant(fhir::string_at(content, "end"));
    return wish;
}

void settle_subscription(Dialect dialect, Document& content, std::string_view status,
                         std::chrono::milliseconds heartbeat) {
    auto& memory = content.GetAllocator();
    const auto set = [&](Value& object, const char* name, Value value) {
        object.RemoveMember(name);
        object.AddMember(rapidjson::StringRef(name), std::move(value), memory);
    };
    set(content, "status", Value(status.data(), static_cast<rapidjson::SizeType>(status.size()), memory));
    const auto seconds = static_cast<unsigned>(std::max<std::int64_t>(1, (heartbeat.count() + 999) / 1000));
    if (dialect == Dialect::R5) return set(content, "heartbeatPeriod", Value(seconds));
    auto channel = content.FindMember("channel");
    if (!has_topics(dialect) || channel == content.MemberEnd() || !channel->value.IsObject()) return;
    Value kept(rapidjson::kArrayType);
    if (auto given = channel->value.FindMember("extension");
        given != channel->value.MemberEnd() && given->value.IsArray())
        for (auto& extension : given->value.GetArray())
            if (!is_extension(extension, "backport-heartbeat-period")) kept.PushBack(extension, memory);
    const std::string url = std::string(extension_base) + "backport-heartbeat-period";
    Value period(rapidjson::kObjectType);
    period.AddMember("url", Value(url.c_str(), memory), memory);
    period.AddMember("valueUnsignedInt", seconds, memory);
    kept.PushBack(period, memory);
    set(channel->value, "extension", std::move(kept));
}

void write_status_entry(JsonWriter& json, Dialect dialect, const std::string& base_url, const StatusFacts& facts,
                        std::span<const NumberedEvent> events, fhir::Payload content, Random& random) {
    const std::string id = random.uuid();
    json.object().member("fullUrl", "urn:uuid:" + random.uuid());
    if (dialect == Dialect::BackportR4)
        write_parameters_status(json, base_url, facts, events, content, id);
    else
        write_status_resource(json, base_url, facts, events, content, id);
    if (dialect != Dialect::R5) {
        const std::string asked = "Subscription/" + std::string(facts.subscription) + "/$status";
        json.object("request").member("method", "GET").member("url", absolute(base_url, asked)).end();
        json.raw("response", R"({"status":"200"})");
    }
    json.end();
}

std::string notification_bundle(Dialect dialect, const std::string& base_url, const StatusFacts& facts,
                                std::span<const NumberedEvent> events, fhir::Payload content, ServerTime now,
                                Random& random) {
    JsonWriter json;
    json.object()
        .member("resourceType", "Bundle")
        .member("id", random.uuid())
        .member("type", dialect == Dialect::R5 ? "subscription-notification" : "history")
        .member("timestamp", fhir::format_instant(now))
        .array("entry");
    write_status_entry(json, dialect, base_url, facts, events, content, random);
    if (content != fhir::Payload::Empty)
        for (const auto& event : events) write_focus_entry(json, base_url, event, content);
    json.end().end();
    return json.take();
}

} // namespace fhirscope::server
