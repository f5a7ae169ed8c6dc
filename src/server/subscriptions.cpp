#include "server/subscriptions.hpp"

#include "fhir/json.hpp"
#include "server/outcome.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace fhirscope::server {

namespace {

using rapidjson::Document;
using rapidjson::Value;

constexpr std::string_view interaction_url =
    "https://medplum.com/fhir/StructureDefinition/subscription-supported-interaction";
constexpr std::string_view expression_url =
    "https://medplum.com/fhir/StructureDefinition/fhir-path-criteria-expression";
constexpr std::string_view bad_token = "Token failed to validate. Check token expiry.";

std::string claims_missing(std::string_view name) {
    return "Token claims missing " + std::string(name) + ". Make sure you are sending the correct token.";
}

const Value* member_of(const Value& object, const char* name) {
    if (!object.IsObject()) return nullptr;
    auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
}

void append_word(std::string& text, std::string_view word) {
    if (word.empty()) return;
    if (!text.empty()) text += ' ';
    text += word;
}

std::string human_name(const Value& name) {
    std::string text;
    for (const char* part : {"prefix", "given"})
        if (auto words = member_of(name, part); words && words->IsArray())
            for (const auto& word : words->GetArray())
                if (word.IsString()) append_word(text, word.GetString());
    append_word(text, fhir::string_at(name, "family"));
    if (text.empty()) text = fhir::string_at(name, "text");
    return text;
}

std::string code_text(const Value& code) {
    std::string text(fhir::string_at(code, "text"));
    if (!text.empty()) return text;
    if (auto codings = member_of(code, "coding"); codings && codings->IsArray())
        for (const auto& coding : codings->GetArray()) {
            auto word = fhir::string_at(coding, "display");
            if (word.empty()) word = fhir::string_at(coding, "code");
            if (!word.empty()) text += (text.empty() ? "" : ", ") + std::string(word);
        }
    return text;
}

// "Task", "/Task", "http://host/fhir/R4/Task?status=requested": the matcher looks at what follows the last slash of the
// path.
std::string_view without_base(std::string_view criteria) {
    auto path_end = std::min(criteria.find('?'), criteria.size());
    auto slash = criteria.substr(0, path_end).rfind('/');
    return slash == std::string_view::npos ? criteria : criteria.substr(slash + 1);
}

} // namespace

std::string display_of(const fhir::Resource& resource) {
    auto fallback = resource.reference();
    for (const char* name : {"name", "code"}) {
        auto text = resource.member(name);
        if (!text) continue;
        auto value = fhir::parse_json(*text);
        if (!value) continue;
        std::string display;
        if (value->IsString())
            display = value->GetString();
        else if (value->IsArray() && !value->Empty())
            display = std::string_view(name) == "name" ? human_name((*value)[0]) : code_text((*value)[0]);
        else if (value->IsObject() && std::string_view(name) == "code")
            display = code_text(*value);
        if (!display.empty()) return display;
    }
    return fallback;
}

SubscriptionHub::SubscriptionHub(HubOptions options, const Tokens& tokens, const Project& project, Random random)
    : options_(std::move(options)), tokens_(tokens), project_(project), random_(random) {}

void SubscriptionHub::read_criteria(Subscription& subscription, const Document& content) const {
    auto& interest = subscription.interest = {};
    if (options_.dialect != Dialect::Medplum) {
        auto criteria = fhir::Criteria::parse(subscription.wish.criteria);
        interest.fires = subscription.wish.websocket && criteria.has_value();
        if (!criteria) return;
        interest.type = criteria->type();
        interest.criteria = std::move(*criteria);
        return;
    }
    const auto* channel = member_of(content, "channel");
    subscription.asked = {std::string(fhir::string_at(content, "criteria")),
                          channel ? std::string(fhir::string_at(*channel, "type")) : std::string()};
    auto criteria = fhir::Criteria::parse(without_base(subscription.asked.criteria));
    if (criteria && criteria->type() != "AuditEvent") { // changes of AuditEvents never notify
        interest.fires = subscription.asked.channel == "websocket";
        interest.type = criteria->type();
        interest.criteria = std::move(*criteria);
    }
    if (auto extensions = member_of(content, "extension"); extensions && extensions->IsArray())
        for (const auto& extension : extensions->GetArray()) {
            auto url = fhir::string_at(extension, "url");
            // 5.0.10 honours the first only.
            if (url == interaction_url && (newer() || interest.interactions.empty()))
                interest.interactions.emplace_back(fhir::string_at(extension, "valueCode"));
            else if (url == expression_url) // FHIRPath criteria are not evaluated here; a broken one never fires either
                interest.fires = false;
        }
}

void SubscriptionHub::sweep(ServerTime now) {
    std::erase_if(
        subscriptions_, [&](const auto& item) { return is_over(item.second, now); });
}

std::size_t SubscriptionHub::bound_by(std::string_view client) const {
    std::set<std::string_view> ids;
    for (const auto& [connection, bound] : bindings_)
        for (const auto& binding : bound)
            if (binding.client == client && subscriptions_.contains(binding.subscription))
                ids.insert(binding.subscription);
    return ids.size();
}

Result<const SubscriptionHub::Subscription*> SubscriptionHub::create(Document content, std::string_view author,
                                                                     ServerTime now) {
    sweep(now);
    if (project_.max_subscriptions > 0 && bound_by(author) >= project_.max_subscriptions)
        return fail(ErrorCode::Refused,
                    "User has exceeded allotted maximum number of concurrent WebSocket subscriptions: " +
                        std::to_string(project_.max_subscriptions));
    if (subscriptions_.size() >= options_.max_subscriptions)
        return fail(ErrorCode::Refused, "Too many subscriptions are alive: " + std::to_string(subscriptions_.size()));
    if (options_.dialect != Dialect::Medplum)
        if (auto wish = read_wish(options_.dialect, content); !wish) return tl::unexpected(wish.error());
    auto id = random_.uuid();
    subscriptions_[id].created = now;
    subscriptions_[id].author = author;
    return update(id, std::move(content), now);
}

const SubscriptionHub::Subscription* SubscriptionHub::find(std::string_view id, ServerTime now) {
    auto found = subscriptions_.find(id);
    if (found == subscriptions_.end() || is_over(found->second, now)) return nullptr;
    auto& subscription = found->second;
    if (options_.dialect == Dialect::Hapi && subscription.status == "requested" &&
        now >= subscription.created + options_.activation)
        set_status(subscription, "active", now);
    return &subscription;
}

const SubscriptionHub::Subscription* SubscriptionHub::update(std::string_view id, Document content, ServerTime now) {
    auto found = subscriptions_.find(id);
    if (found == subscriptions_.end() || is_over(found->second, now)) return nullptr;
    auto& subscription = found->second;
    subscription.id = id;
    if (options_.dialect != Dialect::Medplum) {
        auto wish = read_wish(options_.dialect, content);
        if (!wish) return nullptr;
        subscription.wish = std::move(*wish);
        // The server moves it to active when it is bound (HAPI: by itself); a client only ever requests.
        if (subscription.status != "active") subscription.status = "requested";
        settle_subscription(options_.dialect, content, subscription.status, options_.heartbeat);
    }
    read_criteria(subscription, content);
    write_text(subscription, content, now);
    return &subscription;
}

void SubscriptionHub::write_text(Subscription& subscription, Document& content, ServerTime now) {
    subscription.version_id = random_.uuid();
    subscription.last_updated = now;
    content.RemoveMember("id");
    content.RemoveMember("meta");
    fhir::JsonWriter json;
    json.object().members_of(fhir::to_text(content)).member("id", subscription.id);
    json.object("meta")
        .member("versionId", subscription.version_id)
        .member("lastUpdated", fhir::format_instant(now))
        .end()
        .end();
    subscription.text = json.take();
}

bool SubscriptionHub::remove(std::string_view id) {
    auto found = subscriptions_.find(id);
    if (found == subscriptions_.end()) return false;
    subscriptions_.erase(found); // what is bound stays bound: heartbeats go on
    return true;
}

void SubscriptionHub::forget(std::string_view type) {
    std::erase_if(
        subscriptions_, [&](const auto& item) { return type.empty() || item.second.interest.type == type; });
}

SubscriptionHub::Reaction SubscriptionHub::receive(ConnectionId from, std::string_view frame, ServerTime now) {
    if (options_.dialect == Dialect::Hapi) return receive_hapi(from, frame, now);
    if (has_topics(options_.dialect) && !frame.starts_with('{')) return receive_standard(from, frame, now);
    Reaction reaction;
    auto json = fhir::parse_json(frame);
    if (!json || !json->IsObject()) return reaction; // 5.0.10 fails inside its handler and says nothing
    auto type = fhir::string_at(*json, "type");
    if (type == "ping") {
        reaction.frames.emplace_back(R"({"type":"pong"})");
        return reaction;
    }
    auto payload = member_of(*json, "payload");
    auto token = payload ? member_of(*payload, "token") : nullptr;
    if (!token) return reaction;
    auto text = token->IsString() ? std::string_view(token->GetString(), token->GetStringLength()) : std::string_view();
    if (type == "bind-with-token")
        bind(from, text, now, reaction);
    else if (type == "unbind-from-token")
        unbind(from, text, now, reaction);
    return reaction;
}

void SubscriptionHub::bind(ConnectionId from, std::string_view token, ServerTime now, Reaction& reaction) {
    auto claims = newer() ? tokens_.read(token, now) : tokens_.verify(token, now);
    if (!claims) {
        reaction.frames.push_back(outcomes::bad_request(bad_token).body);
        return;
    }
    if (const auto missing = missing_claim(*claims); !missing.empty()) {
        reaction.frames.push_back(outcomes::bad_request(claims_missing(missing)).body);
        reaction.terminate = true;
        return;
    }
    if (newer()) return bind_newer(from, *claims, now, reaction);
    // Whether the Subscription lives is not asked: a dead one gets its handshake, and then never an event.
    auto& bound = bindings_[from];
    auto bind_one = [&](const std::string& id) {
        auto same = std::find_if(bound.begin(), bound.end(), [&](const Binding& b) { return b.subscription == id; });
        if (same == bound.end()) same = bound.insert(bound.end(), Binding{id, {}, {}});
        *same = {id, claims->login_id, claims->client_id, claims->expires};
    };
    if (options_.dialect == Dialect::Medplum) {
        bind_one(claims->subscription_id);
        reaction.frames.push_back(status_frame("handshake", {claims->subscription_id}, now));
        return;
    }
    // One token may be for several, and each gets its handshake.
    std::string_view ids = claims->subscription_id;
    while (!ids.empty()) {
        auto id = std::string(ids.substr(0, ids.find(',')));
        ids.remove_prefix(std::min(id.size() + 1, ids.size()));
        auto found = subscriptions_.find(id);
        if (found == subscriptions_.end()) continue;
        bind_one(id);
        reaction.frames.push_back(status_frame_of(found->second, "handshake", now));
        if (found->second.status == "requested") set_status(found->second, "active", now);
    }
}

std::string_view SubscriptionHub::missing_claim(const Claims& claims) const {
    if (claims.subscription_id.empty()) return "subscription_id";
    if (newer() && claims.login_id.empty()) return "login_id";
    return newer() && claims.membership_id.empty() ? "membership_id" : "";
}

// Neither the login nor the project's feature is asked: the handshake proves neither. Where the Subscription is gone,
// nothing is said at all.
void SubscriptionHub::bind_newer(ConnectionId from, const Claims& claims, ServerTime now, Reaction& reaction) {
    auto found = subscriptions_.find(claims.subscription_id);
    if (found == subscriptions_.end() || is_over(found->second, now)) return;
    const Binding binding{claims.subscription_id, claims.login_id, claims.client_id, claims.expires};
    auto& bound = bindings_[from];
    auto same = std::find_if(bound.begin(), bound.end(),
                             [&](const Binding& b) { return b.subscription == binding.subscription; });
    if (same == bound.end())
        bound.push_back(binding);
    else
        *same = binding;
    found->second.active = {found->second.interest, binding};
    reaction.frames.push_back(status_frame("handshake", {claims.subscription_id}, now));
}

void SubscriptionHub::unbind(ConnectionId from, std::string_view token, ServerTime now, Reaction& reaction) {
    auto claims = newer() ? tokens_.read(token, now) : tokens_.verify(token, now);
    if (!claims) {
        reaction.frames.push_back(outcomes::bad_request(bad_token).body);
        return;
    }
    if (const auto missing = missing_claim(*claims); newer() && !missing.empty()) {
        reaction.frames.push_back(outcomes::bad_request(claims_missing(missing)).body);
        reaction.terminate = true;
        return;
    }
    auto bound = bindings_.find(from);
    const auto unbound = bound == bindings_.end() ? 0 : std::erase_if(bound->second, [&](const Binding& b) {
        return b.subscription == claims->subscription_id;
    });
    if (bound != bindings_.end() && bound->second.empty()) bindings_.erase(bound);
    if (unbound > 0 || !newer()) remove(claims->subscription_id); // 5.1: only on the socket that holds the binding
}

void SubscriptionHub::close(ConnectionId connection) {
    auto bound = bindings_.find(connection);
    if (bound == bindings_.end()) return;
    // The standard's Subscriptions outlive their sockets.
    // 5.0.10 asks the Subscription that was bound last for the project to clean up in. Where that one is gone, the
    // others stay alive: they can be bound again.
    if (newer() || (options_.dialect == Dialect::Medplum && subscriptions_.contains(bound->second.back().subscription)))
        for (const auto& binding : bound->second) remove(binding.subscription);
    bindings_.erase(bound);
}

std::string SubscriptionHub::status_frame(std::string_view type, const std::vector<std::string>& subscriptions,
                                          ServerTime now) {
    fhir::JsonWriter json;
    json.object()
        .member("id", random_.uuid())
        .member("resourceType", "Bundle")
        .member("type", "history")
        .member("timestamp", fhir::format_instant(now))
        .array("entry");
    for (const auto& subscription : subscriptions) {
        json.object()
            .object("resource")
            .member("resourceType", "SubscriptionStatus")
            .member("id", random_.uuid())
            .member("status", "active")
            .member("type", type);
        json.object("subscription").member("reference", "Subscription/" + subscription).end();
        json.end().end();
    }
    json.end().end();
    return json.take();
}

std::vector<Frame> SubscriptionHub::heartbeat(ServerTime now) {
    sweep(now);
    std::vector<Frame> frames;
    for (const auto& [connection, bound] : bindings_) {
        if (options_.dialect == Dialect::Hapi) break;
        if (has_topics(options_.dialect)) {
            for (const auto& binding : bound)
                if (auto found = subscriptions_.find(binding.subscription); found != subscriptions_.end())
                    frames.push_back({connection, std::make_shared<const std::string>(
                                                      status_frame_of(found->second, "heartbeat", now))});
            continue;
        }
        std::vector<std::string> ids;
        for (const auto& binding : bound) ids.push_back(binding.subscription);
        if (!ids.empty())
            frames.push_back({connection, std::make_shared<const std::string>(status_frame("heartbeat", ids, now))});
    }
    return frames;
}

bool SubscriptionHub::is_dead(const Binding& binding, ServerTime now) const {
    const auto* client = project_.find(binding.client);
    return !tokens_.stands(binding.login, now) || !client || !client->active;
}

bool SubscriptionHub::sees(std::string_view client, const Version& subject) const {
    const auto* found = project_.find(client);
    return !found || found->policy.sees(*subject.resource, fhir::MatchMode::Medplum);
}

bool SubscriptionHub::matches(const Interest& interest, const Version& subject, Interaction interaction) const {
    if (!interest.fires || interest.type != subject.type) return false;
    const auto& wanted = interest.interactions;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), to_string(interaction)) == wanted.end())
        return false;
    auto mode = options_.dialect == Dialect::Medplum ? fhir::MatchMode::Medplum : fhir::MatchMode::Spec;
    return interest.criteria->matches(*subject.resource, mode) == fhir::Match::Yes;
}

std::vector<std::string> SubscriptionHub::matching(const Commit& commit, ServerTime now) {
    std::vector<std::string> ids, dead;
    // A deletion is judged by the last content, and is sent with it.
    const auto& subject = commit.interaction == Interaction::Delete ? commit.previous : commit.current;
    if (options_.dialect == Dialect::Hapi && commit.interaction == Interaction::Delete) return ids;
    if (options_.dialect == Dialect::Medplum && !project_.websocket_feature) return ids;
    for (const auto& [id, subscription] : subscriptions_) {
        if (!matches(subscription.interest, *subject, commit.interaction) || is_over(subscription, now)) continue;
        if (newer()) {
            const auto& active = subscription.active;
            if (!active || now >= active->binding.expires) continue;
            if (!matches(active->interest, *subject, commit.interaction)) continue;
            if (is_dead(active->binding, now)) {
                dead.push_back(id);
                continue;
            }
        }
        // Whose policy decides: its author's, and since 5.1 that of whom bound it last.
        if (sees(newer() ? subscription.active->binding.client : subscription.author, *subject)) ids.push_back(id);
    }
    // One dead token unbinds the Subscription on all sockets, those of living logins among them.
    for (const auto& id : dead) {
        remove(id);
        for (auto bound = bindings_.begin(); bound != bindings_.end();) {
            std::erase_if(bound->second, [&](const Binding& b) { return b.subscription == id; });
            bound = bound->second.empty() ? bindings_.erase(bound) : std::next(bound);
        }
    }
    return ids;
}

std::string SubscriptionHub::event_frame(std::string_view subscription, const Commit& commit, ServerTime now) {
    const auto& subject = commit.interaction == Interaction::Delete ? commit.previous : commit.current;
    const auto time = fhir::format_instant(now);
    const auto reference = subject->reference();
    fhir::JsonWriter json;
    json.object()
        .member("id", random_.uuid())
        .member("resourceType", "Bundle")
        .member("type", "history")
        .member("timestamp", time);
    json.array("entry").object().object("resource");
    json.member("id", random_.uuid())
        .member("resourceType", "SubscriptionStatus")
        .member("status", "active")
        .member("type", "event-notification");
    json.object("subscription").member("reference", "Subscription/" + std::string(subscription)).end();
    json.array("notificationEvent").object().member("eventNumber", "0").member("timestamp", time);
    json.object("focus").member("reference", reference).member("display", display_of(*subject->resource)).end();
    json.end().end().end().end();
    json.object()
        .raw("resource", subject->full_text())
        .member("fullUrl", options_.base_url + "fhir/R4/" + reference)
        .end();
    json.end().end();
    return json.take();
}

std::vector<Frame> SubscriptionHub::event(std::string_view subscription, const Commit& commit, ServerTime now) {
    if (options_.dialect != Dialect::Medplum) return standard_event(subscription, commit, now);
    std::vector<Frame> frames;
    std::shared_ptr<const std::string> text;
    for (const auto& [connection, bound] : bindings_) {
        auto binding =
            std::find_if(bound.begin(), bound.end(), [&](const Binding& b) { return b.subscription == subscription; });
        if (binding == bound.end()) continue;
        // 5.0.10 looks at each socket's own token; 5.1 asked in matching() after the one that was bound last.
        if (!newer() && (now >= binding->expires || is_dead(*binding, now))) continue;
        if (!text) text = std::make_shared<const std::string>(event_frame(subscription, commit, now));
        frames.push_back({connection, text});
    }
    return frames;
}

void SubscriptionHub::expire_bindings() {
    for (auto& [connection, bound] : bindings_)
        for (auto& binding : bound) binding.expires = ServerTime::min();
    for (auto& [id, subscription] : subscriptions_)
        if (subscription.active) subscription.active->binding.expires = ServerTime::min();
}

} // namespace fhirscope::server
