#include "runtime/probe.hpp"

#include "fhir/ascii.hpp"
#include "fhir/json.hpp"
#include "runtime/fhir_base.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::runtime {
namespace {

using fhir::Dialect;
using rapidjson::Value;

constexpr std::size_t max_topics = 4'096;

const Value* member(const Value& object, const char* name) {
    if (!object.IsObject()) return nullptr;
    const auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
}

template <class F>
void each(const Value* array, F f) {
    if (array && array->IsArray())
        for (const Value& item : array->GetArray()) f(item);
}

// What a CapabilityStatement says of subscriptions.
struct Facts {
    std::string software, fhir_version, websocket;
    std::vector<std::string> topic_urls, operations; // operations of Subscription, by name
    bool has_topic_resource = false;
};

Facts facts_of(const Value& statement) {
    Facts facts;
    if (const Value* software = member(statement, "software")) facts.software = fhir::string_at(*software, "name");
    facts.fhir_version = fhir::string_at(statement, "fhirVersion");
    const auto read_extensions = [&](const Value& holder) {
        each(member(holder, "extension"), [&](const Value& extension) {
            const std::string_view url = fhir::string_at(extension, "url");
            if (url.ends_with("/capabilitystatement-websocket"))
                facts.websocket = fhir::string_at(extension, "valueUri");
            if (url.ends_with("/capabilitystatement-subscriptiontopic-canonical") &&
                facts.topic_urls.size() < max_topics)
                facts.topic_urls.emplace_back(fhir::string_at(extension, "valueCanonical"));
        });
    };
    each(member(statement, "rest"), [&](const Value& rest) {
        read_extensions(rest);
        each(member(rest, "resource"), [&](const Value& resource) {
            const std::string_view type = fhir::string_at(resource, "type");
            facts.has_topic_resource |= type == "SubscriptionTopic";
            if (type != "Subscription") return;
            read_extensions(resource);
            each(member(resource, "operation"), [&](const Value& operation) {
                std::string name(fhir::string_at(operation, "name"));
                facts.operations.push_back(name.starts_with('$') ? name.substr(1) : std::move(name));
            });
        });
    });
    return facts;
}

Dialect by_version(const std::string& version) {
    if (version.starts_with("5.")) return Dialect::R5;
    return version.starts_with("4.3") ? Dialect::R4B : Dialect::BackportR4;
}

std::pair<Dialect, std::string> choose(const Facts& facts) {
    const auto has = [&](std::string_view operation) {
        return std::find(facts.operations.begin(), facts.operations.end(), operation) != facts.operations.end();
    };
    if (fhir::lower_ascii(facts.software).find("medplum") != std::string::npos)
        return {Dialect::Medplum, "software \"" + facts.software + "\""};
    if (!facts.topic_urls.empty() || has("get-ws-binding-token") || has("events"))
        return {by_version(facts.fhir_version),
                "FHIR " + facts.fhir_version + " with topics or operations of topic-based subscriptions"};
    if (!facts.websocket.empty()) return {Dialect::Hapi, "its metadata names a WebSocket at " + facts.websocket};
    if (fhir::lower_ascii(facts.software).find("hapi") != std::string::npos)
        return {Dialect::Hapi, "software \"" + facts.software + "\""};
    if (facts.has_topic_resource || facts.fhir_version.starts_with("5."))
        return {by_version(facts.fhir_version), "FHIR " + facts.fhir_version};
    return {Dialect::Medplum, "its metadata names no other way of subscribing"};
}

// "http://…/SubscriptionTopic/task-changed" is of Task.
std::string type_of_topic(const std::string& url, const std::vector<std::string>& types) {
    std::string name = url.substr(0, url.find('|'));
    name = fhir::lower_ascii(name.substr(name.rfind('/') + 1));
    for (const std::string& type : types) {
        const std::string wanted = fhir::lower_ascii(type);
        if (name.starts_with(wanted) &&
            (name.size() == wanted.size() || name[wanted.size()] < 'a' || name[wanted.size()] > 'z'))
            return type;
    }
    return {};
}

} // namespace

Probed read_capabilities(std::string_view metadata, std::optional<Dialect> given,
                         const std::vector<std::string>& types) {
    Probed probed;
    probed.config.dialect = given.value_or(Dialect::Medplum);
    const auto statement = fhir::parse_json(metadata, metadata_limits);
    if (!statement || fhir::string_at(*statement, "resourceType") != "CapabilityStatement") {
        probed.evidence = "its metadata is no CapabilityStatement";
        return probed;
    }
    const Facts facts = facts_of(*statement);
    auto [chosen, evidence] = choose(facts);
    probed.config.dialect = given.value_or(chosen);
    probed.evidence = given ? "as asked" : std::move(evidence);
    if (probed.config.dialect == Dialect::Medplum) return probed;
    if (probed.config.dialect == Dialect::Hapi) {
        probed.config.socket_url = facts.websocket;
        return probed;
    }
    probed.config.has_events = facts.operations.empty() || std::find(facts.operations.begin(), facts.operations.end(),
                                                                     "events") != facts.operations.end();
    for (const std::string& url : facts.topic_urls)
        if (std::string type = type_of_topic(url, types); !type.empty())
            probed.config.topics.push_back({std::move(type), url});
    probed.guessed = probed.config.topics;
    probed.topics_by_search = probed.config.topics.empty();
    return probed;
}

std::vector<engine::Topic> read_topics(std::string_view searchset) {
    std::vector<engine::Topic> topics;
    const auto bundle = fhir::parse_json(searchset, metadata_limits);
    if (!bundle) return topics;
    each(member(*bundle, "entry"), [&](const Value& entry) {
        const Value* topic = member(entry, "resource");
        if (!topic || fhir::string_at(*topic, "resourceType") != "SubscriptionTopic") return;
        const std::string url(fhir::string_at(*topic, "url"));
        each(member(*topic, "resourceTrigger"), [&](const Value& trigger) {
            const std::string_view resource = fhir::string_at(trigger, "resource"); // a URL or the type itself
            if (!url.empty() && !resource.empty() && topics.size() < max_topics)
                topics.push_back({std::string(resource.substr(resource.rfind('/') + 1)), url});
        });
    });
    return topics;
}

void take_topics(Probed& probed, std::string_view searchset) {
    const std::vector<engine::Topic> read = read_topics(searchset);
    const auto says_itself = [&](const engine::Topic& guess) {
        return std::any_of(read.begin(), read.end(),
                           [&](const engine::Topic& topic) { return topic.url == guess.url; });
    };
    std::erase_if(probed.guessed, says_itself);
    probed.config.topics = read;
    probed.config.topics.insert(probed.config.topics.end(), probed.guessed.begin(), probed.guessed.end());
}

} // namespace fhirscope::runtime
