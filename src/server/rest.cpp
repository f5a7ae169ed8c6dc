// The interactions on resources: create, read, update, patch, delete, history (PROTOCOL A2 to A5, A7, A9).
#include "fhir/json.hpp"
#include "server/fhir_api.hpp"
#include "server/json_patch.hpp"
#include "server/rules.hpp"
#include "server/search.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace fhirscope::server {

namespace {

using rapidjson::Document;

// "Deleted on Sun Nov 22 2026 22:16:59 GMT+0000 (Coordinated Universal Time)": a JavaScript date, in a message for
// people.
std::string deletion_text(ServerTime time) {
    auto date = http_date(time); // "Sun, 22 Nov 2026 22:16:59 GMT"
    return "Deleted on " + date.substr(0, 3) + " " + date.substr(8, 3) + " " + date.substr(5, 2) + " " +
           date.substr(12, 4) + " " + date.substr(17, 8) + " GMT+0000 (Coordinated Universal Time)";
}

// What stands between two double quotes; an unquoted value is no precondition at all (PROTOCOL A4).
std::string quoted_part(std::string_view text) {
    auto begin = text.find('"');
    auto end = begin == std::string_view::npos ? begin : text.find('"', begin + 1);
    return end == std::string_view::npos ? std::string() : std::string(text.substr(begin + 1, end - begin - 1));
}

OutcomeReply structure_error(const Error& error) {
    auto line = error.message.find('\n');
    return outcomes::structure(error.message.substr(0, line),
                               line == std::string::npos ? std::string() : error.message.substr(line + 1));
}

std::size_t number_or(const Parameters& parameters, std::string_view name, std::size_t fallback) {
    auto text = parameters.get(name);
    std::size_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && !text.empty() && end == text.data() + text.size() ? value : fallback;
}

} // namespace

std::uint64_t FhirApi::points(const Call& call) const {
    if (call.path.empty()) return call.method == "GET" ? 20 : 0; // a batch is paid by its entries
    bool search = call.path.size() == 1 || (call.path.size() == 2 && call.path[1] == "_search");
    if (call.method == "GET") return search ? 20 : call.path.size() == 3 && call.path[2] == "_history" ? 10 : 1;
    return call.method == "POST" && call.path.size() == 2 && search ? 20 : 100;
}

FhirApi::Reply FhirApi::route(const Call& call) {
    if (auto price = points(call); price > 0) {
        last_charge_ = interactions_.charge(call.client->id, price, clock_());
        bool binding = !call.path.empty() && call.path.back() == "$get-ws-binding-token";
        if (!last_charge_.allowed && binding)
            return outcomes::bad_request("Error reading subscription: Too Many Requests (" + last_charge_.diagnostics +
                                         ")");
        if (!last_charge_.allowed) return outcomes::too_many_requests(last_charge_.diagnostics);
    }
    const auto& path = call.path;
    if (call.method == "HEAD") return outcomes::not_found(); // 5.0.10 routes no HEAD
    if (path.empty()) {
        auto query = Parameters::parse(call.query);
        if (call.method == "POST") return batch(call);
        if (call.method != "GET" || !query.find("_type")) return outcomes::not_found();
        SearchRequest request{{}, std::move(query), call.extended, filter(call)};
        auto names = request.parameters.get("_type");
        for (std::size_t begin = 0; begin <= names.size();) {
            auto end = std::min(names.find(',', begin), names.size());
            request.types.push_back(names.substr(begin, end - begin));
            if (!is_known_type(request.types.back())) return outcomes::structure("Unknown resource type");
            if (!call.client->policy.has(request.types.back())) return outcomes::forbidden();
            begin = end + 1;
        }
        request.parameters.remove("_type");
        return search(store_, options_.base_url, request);
    }
    if (auto reply = dialect_call(call)) return std::move(*reply);
    if (!is_known_type(path[0])) return outcomes::structure("Unknown resource type");
    // For administrators, whom we do not have.
    if (call.method == "POST" && (path.back() == "$resend" || path.back() == "$reindex")) return outcomes::forbidden();
    if (!call.client->policy.has(path[0]) && path.back() != "$get-ws-binding-token") return outcomes::forbidden();
    if (path[0] == "Subscription") return subscription_call(call);
    return resource_call(call);
}

VersionPtr FhirApi::visible(const Call& call, const VersionPtr& version) const {
    const auto& policy = call.client->policy;
    if (!version || !policy.narrows(version->type)) return version;
    return !version->deleted() && policy.sees(*version->resource, fhir::MatchMode::Spec) ? version : nullptr;
}

VersionPtr FhirApi::current_for(const Call& call, std::string_view id) const {
    return visible(call, store_.current(call.path[0], id));
}

Filter FhirApi::filter(const Call& call) const {
    return [this, &call](const Version& version) {
        const auto& policy = call.client->policy;
        return !policy.narrows(version.type) ||
               (!version.deleted() && policy.sees(*version.resource, fhir::MatchMode::Spec));
    };
}

bool FhirApi::may_write(const Call& call, const Document& content) const {
    if (!call.client->policy.narrows(call.path[0])) return true;
    auto resource = fhir::parse_resource(fhir::to_text(content));
    return resource && call.client->policy.sees(**resource, fhir::MatchMode::Spec);
}

std::optional<FhirApi::Reply> FhirApi::refused_write(const Call& call) {
    const bool search = call.path.size() == 2 && call.path[1] == "_search";
    if (call.method == "GET" || call.method == "HEAD" || search) return std::nullopt;
    if (options_.read_only) return outcomes::forbidden();
    if (write_failures_ == 0) return std::nullopt;
    --write_failures_;
    auto reply = write_failure_text_.empty() ? outcomes::of_status(write_failure_status_)
                                             : outcomes::bad_request(write_failure_text_);
    reply.status = write_failure_status_;
    return reply;
}

FhirApi::Reply FhirApi::resource_call(const Call& call) {
    if (auto refused = refused_write(call)) return std::move(*refused);
    const auto& path = call.path;
    const auto& type = path[0];
    const auto& method = call.method;
    if (path.size() == 1 || (path.size() == 2 && path[1] == "_search" && method == "POST")) {
        if (method == "GET" || path.size() == 2)
            return search(
                store_, options_.base_url,
                {{type},
                 Parameters::parse(path.size() == 2 ? std::string_view(call.body) : std::string_view(call.query)),
                 call.extended,
                 filter(call)});
        if (method == "POST") return create(call);
        if (method == "PUT") return conditional_update(call);
        if (method == "PATCH" || method == "DELETE") {
            auto matches = find_matches(store_, type, Parameters::parse(call.query), filter(call));
            if (!matches) return outcomes::bad_request(matches.error().message);
            if (matches->size() > 1) return outcomes::multiple_matches();
            if (matches->empty()) return method == "DELETE" ? outcomes::ok() : outcomes::not_found();
            return method == "DELETE" ? remove(call, matches->front()->id) : patch(call, matches->front()->id);
        }
        return outcomes::not_found();
    }
    const auto& id = path[1];
    if (path.size() == 2) {
        if (method == "GET") return read(call, current_for(call, id));
        if (method == "PUT") return update(call, id);
        if (method == "PATCH") return patch(call, id);
        if (method == "DELETE") return remove(call, id);
        return outcomes::not_found();
    }
    if (method != "GET" || path[2] != "_history" || path.size() > 4) return outcomes::not_found();
    if (path.size() == 3) return history(call, id);
    auto version = current_for(call, id) ? store_.version(type, id, path[3]) : nullptr;
    if (version && version->deleted()) // 5.0.10 reads the tombstone's empty content as JSON
        return outcomes::bad_request("Unexpected end of JSON input");
    return read(call, version);
}

FhirApi::Reply FhirApi::version_reply(const Version& version, int status, bool extended) const {
    Reply reply;
    reply.status = status;
    reply.body = rest_text(version, extended);
    reply.version_id = version.version_id;
    reply.last_updated = version.last_updated;
    if (status == 201) reply.location = version.reference();
    return reply;
}

Result<Document> FhirApi::read_body(const Call& call) const {
    // Another content type leaves the body unread, and then there is no resource.
    if (call.content_type.find("json") == std::string::npos) return Document(rapidjson::kNullType);
    auto json = fhir::parse_json(call.body);
    if (!json) return fail(ErrorCode::Malformed, "Content could not be parsed");
    return json;
}

bool FhirApi::conflicts(const Call& call) const { return conflict_ && call.request && conflict_(*call.request); }

FhirApi::Reply FhirApi::create(const Call& call) {
    auto content = read_body(call);
    if (!content) return outcomes::bad_request(content.error().message);
    auto given = fhir::string_at(*content, "resourceType");
    if (given != call.path[0])
        return outcomes::bad_request("Incorrect resource type: expected " + call.path[0] + ", but found " +
                                     (given.empty() ? "<EMPTY>" : std::string(given)));
    if (auto checked = check_content(*content); !checked) return structure_error(checked.error());
    if (!call.if_none_exist.empty()) {
        auto matches = find_matches(store_, call.path[0], Parameters::parse(call.if_none_exist), filter(call));
        if (!matches) return outcomes::bad_request(matches.error().message);
        if (matches->size() > 1) return outcomes::multiple_matches();
        if (matches->size() == 1) return version_reply(*matches->front(), 200, call.extended);
    }
    if (!may_write(call, *content)) return outcomes::forbidden();
    if (conflicts(call)) return outcomes::conflict();
    content->RemoveMember("id"); // a client's id has no effect
    auto version = store_.create(std::move(*content), author(call), clock_(), call.new_id);
    return version ? version_reply(*version, 201, call.extended)
                   : Reply(outcomes::bad_request("Content could not be stored"));
}

FhirApi::Reply FhirApi::update(const Call& call, const std::string& id) {
    auto content = read_body(call);
    if (!content) return outcomes::bad_request(content.error().message);
    if (fhir::string_at(*content, "resourceType") != call.path[0])
        return outcomes::bad_request("Incorrect resource type");
    if (fhir::string_at(*content, "id") != id) return outcomes::bad_request("Incorrect resource ID");
    if (auto checked = check_content(*content); !checked) return structure_error(checked.error());
    auto current = current_for(call, id);
    if (!current) return is_uuid(id) ? outcomes::not_found() : outcomes::bad_request("Invalid id");
    auto expected = quoted_part(call.if_match);
    // A deleted resource has no version to compare with: the write brings it back.
    if (!expected.empty() && !current->deleted() && expected != current->version_id)
        return hub_.dialect() == Dialect::Hapi ? outcomes::conflict() : outcomes::precondition_failed();
    if (!may_write(call, *content)) return outcomes::forbidden();
    if (conflicts(call)) return outcomes::conflict();
    auto version = store_.update(std::move(*content), author(call), clock_());
    return version ? version_reply(*version, 200, call.extended)
                   : Reply(outcomes::bad_request("Content could not be stored"));
}

FhirApi::Reply FhirApi::conditional_update(const Call& call) {
    auto matches = find_matches(store_, call.path[0], Parameters::parse(call.query), filter(call));
    if (!matches) return outcomes::bad_request(matches.error().message);
    if (matches->size() > 1) return outcomes::multiple_matches();
    if (matches->empty()) return create(call);
    auto content = read_body(call);
    if (!content || !content->IsObject()) return outcomes::bad_request("Content could not be parsed");
    const auto& id = matches->front()->id;
    content->RemoveMember("id");
    content->AddMember("id", rapidjson::Value(id.c_str(), content->GetAllocator()), content->GetAllocator());
    auto inner = call;
    inner.body = fhir::to_text(*content);
    return update(inner, id);
}

FhirApi::Reply FhirApi::patch(const Call& call, const std::string& id) {
    auto current = current_for(call, id);
    if (!current) return outcomes::not_found();
    if (current->deleted()) return outcomes::gone();
    if (call.content_type.find("json") == std::string::npos) return outcomes::bad_request("Patch body must be JSON");
    auto operations = fhir::parse_json(call.body);
    if (!operations) return outcomes::bad_request("Content could not be parsed");
    auto content = fhir::parse_json(current->plain_text());
    if (!content) return outcomes::server_error();
    // If-Match is not looked at: 5.0.10 does not (PROTOCOL A4).
    if (auto applied = apply_json_patch(*content, *operations); !applied)
        return outcomes::bad_request(applied.error().message);
    if (fhir::string_at(*content, "resourceType") != call.path[0])
        return outcomes::bad_request("Incorrect resource type");
    if (fhir::string_at(*content, "id") != id) return outcomes::bad_request("Incorrect resource ID");
    if (auto checked = check_content(*content); !checked) return structure_error(checked.error());
    if (!may_write(call, *content)) return outcomes::forbidden();
    if (conflicts(call)) return outcomes::conflict();
    auto version = store_.update(std::move(*content), author(call), clock_());
    return version ? version_reply(*version, 200, call.extended)
                   : Reply(outcomes::bad_request("Content could not be stored"));
}

FhirApi::Reply FhirApi::remove(const Call& call, const std::string& id) {
    if (!current_for(call, id)) return outcomes::not_found();
    if (conflicts(call)) return outcomes::conflict();
    store_.remove(call.path[0], id, clock_()); // a second time: nothing happens, and that is fine
    return outcomes::ok();
}

FhirApi::Reply FhirApi::read(const Call& call, const VersionPtr& version) const {
    if (!version) return outcomes::not_found();
    if (version->deleted()) return outcomes::gone();
    return version_reply(*version, 200, call.extended); // If-None-Match is not looked at (PROTOCOL A13)
}

FhirApi::Reply FhirApi::history(const Call& call, const std::string& id) const {
    auto versions = store_.history(call.path[0], id);
    if (versions.empty() || !current_for(call, id)) return outcomes::not_found();
    auto query = Parameters::parse(call.query); // `_since` has no effect
    auto first = std::min(number_or(query, "_offset", 0), versions.size());
    auto last = std::min(first + std::min<std::size_t>(number_or(query, "_count", 100), 1000), versions.size());
    Reply reply;
    fhir::JsonWriter json;
    json.object().member("resourceType", "Bundle").member("type", "history").array("entry");
    for (auto i = first; i < last; ++i) {
        const auto& version = *versions[i];
        auto result = version.deleted() ? outcomes::gone(deletion_text(version.last_updated)) : outcomes::ok();
        json.object().member("fullUrl", options_.base_url + "fhir/R4/" + version.reference());
        const bool deletion = newer() && version.deleted(); // 5.0.10 names a version that cannot be read
        json.object("request")
            .member("method", deletion ? "DELETE" : "GET")
            .member("url", deletion ? version.reference() : version.reference() + "/_history/" + version.version_id)
            .end();
        json.object("response").member("status", std::to_string(result.status)).raw("outcome", result.body).end();
        if (!version.deleted()) json.raw("resource", rest_text(version, call.extended));
        json.end();
    }
    json.end().member("total", versions.size()).end();
    reply.body = json.take();
    return reply;
}

FhirApi::Reply FhirApi::subscription_call(const Call& call) {
    const auto& path = call.path;
    auto now = clock_();
    auto reply_of = [&](const SubscriptionHub::Subscription& subscription, int status) {
        Reply reply;
        reply.status = status;
        reply.body = subscription.text;
        reply.version_id = subscription.version_id;
        reply.last_updated = subscription.last_updated;
        if (status == 201) reply.location = "Subscription/" + subscription.id;
        return reply;
    };
    if (path.size() == 3 && path[2] == "$get-ws-binding-token")
        return call.method == "GET" ? binding_token(call) : outcomes::not_found(); // only GET is routed
    if (path.size() == 1 && call.method == "POST") {
        auto content = read_body(call);
        if (!content) return outcomes::bad_request(content.error().message);
        auto given = fhir::string_at(*content, "resourceType");
        if (given != "Subscription")
            return outcomes::bad_request("Incorrect resource type: expected Subscription, but found " +
                                         (given.empty() ? "<EMPTY>" : std::string(given)));
        // R5's Subscription has another shape, which the hub checks.
        if (auto checked = hub_.dialect() == Dialect::R5 ? Result<void>() : check_content(*content); !checked)
            return structure_error(checked.error());
        auto created = hub_.create(std::move(*content), call.client->id, now);
        return created ? reply_of(**created, 201) : Reply(outcomes::bad_request(created.error().message));
    }
    if (path.size() == 2 && path[1] != "_search") {
        auto subscription = hub_.find(path[1], now);
        if (!subscription) return outcomes::not_found();
        if (call.method == "GET") return reply_of(*subscription, 200);
        if (call.method == "DELETE") {
            hub_.remove(path[1]);
            return outcomes::ok();
        }
        if (call.method == "PUT") {
            auto content = read_body(call);
            if (!content) return outcomes::bad_request(content.error().message);
            if (fhir::string_at(*content, "resourceType") != "Subscription")
                return outcomes::bad_request("Incorrect resource type");
            if (fhir::string_at(*content, "id") != path[1]) return outcomes::bad_request("Incorrect resource ID");
            if (auto checked = hub_.dialect() == Dialect::R5 ? Result<void>() : check_content(*content); !checked)
                return structure_error(checked.error());
            const auto* updated = hub_.update(path[1], std::move(*content), now);
            return updated ? reply_of(*updated, 200)
                           : Reply(outcomes::bad_request("Not a Subscription of this server's kind"));
        }
        return outcomes::not_found(); // PATCH finds nothing in the database
    }
    if (path.size() <= 2) return resource_call(call); // a search, which lists none of them
    if (path.size() == 3 && path[2] == "_history" && call.method == "GET" && hub_.find(path[1], now)) {
        Reply empty; // it lives, but no version of it was ever stored
        empty.body = R"({"resourceType":"Bundle","type":"history","total":0})";
        return empty;
    }
    return outcomes::not_found();
}

FhirApi::Reply FhirApi::binding_token(const Call& call) {
    const auto& id = call.path[1];
    if (!project_.websocket_feature)
        return outcomes::bad_request("WebSocket subscriptions not enabled for current project");
    if (!call.client->policy.has("Subscription")) return outcomes::bad_request("Error reading subscription: Forbidden");
    const auto* subscription = hub_.find(id, clock_());
    if (!subscription) return outcomes::bad_request("Error reading subscription: Not found");
    if (newer()) {
        const auto& [criteria, channel] = subscription->asked;
        if (channel != "websocket") return outcomes::bad_request("Invalid channel type for this operation: " + channel);
        const auto type = criteria.substr(0, criteria.find('?'));
        if (!is_known_type(type))
            return outcomes::bad_request("Invalid Subscription criteria: '" + criteria + "'. '" + type +
                                         "' is not a valid resource type.");
    }
    return binding_token_for(call, {id});
}

FhirApi::Reply FhirApi::binding_token_for(const Call& call, const std::vector<std::string>& subscriptions) {
    auto now = clock_();
    std::string joined;
    for (const auto& id : subscriptions) joined += (joined.empty() ? "" : ",") + id;
    auto claims = call.who;
    if (claims.login_id.empty()) // HTTP Basic: no login stands behind it yet
        claims.login_id = tokens_.log_in(store_.random(), now, now + std::chrono::hours(24));
    claims.subscription_id = joined;
    if (newer()) claims.membership_id = call.client->membership;
    claims.issued = issue_time(now, options_.binding_lifetime);
    claims.expires = claims.issued + options_.binding_lifetime;
    fhir::JsonWriter json;
    json.object().member("resourceType", "Parameters").array("parameter");
    json.object().member("name", "token").member("valueString", tokens_.sign(claims)).end();
    json.object()
        .member("name", "expiration")
        .member("valueDateTime", fhir::format_instant(now + options_.binding_lifetime))
        .end();
    for (const auto& id : subscriptions) json.object().member("name", "subscription").member("valueString", id).end();
    json.object().member("name", "websocket-url").member("valueUrl", options_.websocket_url).end();
    json.end().end();
    Reply reply;
    reply.body = json.take();
    return reply;
}

} // namespace fhirscope::server
