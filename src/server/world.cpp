#include "server/world.hpp"

#include "fhir/json.hpp"
#include "server/rules.hpp"

namespace fhirscope::server {

namespace {
const Author colleague{"Practitioner/colleague", "A colleague"};

Project project_of(const ServerOptions& options, std::string id) {
    Project project;
    project.id = std::move(id);
    project.max_subscriptions = max_subscriptions_of(options);
    project.clients.push_back({.id = options.client_id,
                               .secret = options.client_secret,
                               .name = "fhirscope client",
                               .membership = random_uuid(),
                               .policy = AccessPolicy::parse(options.policy).value_or(AccessPolicy())});
    return project;
}

} // namespace

std::size_t max_subscriptions_of(const ServerOptions& options) {
    constexpr std::size_t usual = 20; // since 5.1.1 (PROTOCOL A7)
    const bool limits = options.behaviour == Behaviour::Medplum51 && options.dialect == fhir::Dialect::Medplum;
    return options.max_subscriptions.value_or(limits ? usual : 0);
}

World::World(const ServerOptions& options, const std::string& base_url, const std::string& websocket_url, Clock now)
    : World(options, base_url, websocket_url, std::move(now), Random(options.seed)) {}

World::World(const ServerOptions& options, const std::string& base_url, const std::string& websocket_url, Clock now,
             Random random)
    : project(project_of(options, random.uuid())),
      store({.project = project.id,
             .max_history = options.max_history,
             .ties = options.ties,
             .integer_versions = options.dialect == fhir::Dialect::Hapi},
            random.split(1)),
      tokens(random_secret(), base_url, options.behaviour),
      hub({.base_url = base_url,
           .behaviour = options.behaviour,
           .subscription_lifetime = options.subscription_lifetime,
           .dialect = options.dialect,
           .heartbeat = options.heartbeat},
          tokens, project, random.split(2)),
      api({.base_url = base_url,
           .websocket_url = websocket_url,
           .behaviour = options.behaviour,
           .cors_origins = options.cors_origins,
           .token_lifetime = options.token_lifetime,
           .binding_lifetime = options.binding_lifetime,
           .interaction_quota = options.interaction_quota,
           .request_quota = options.request_quota,
           .read_only = options.read_only},
          project, store, hub, tokens, now),
      clinic({.seed = options.seed, .patients = options.patients, .tasks = options.tasks, .rate = options.rate}, store),
      clock(std::move(now)) {
    clinic.populate(clock());
}

VersionPtr World::find(std::string_view reference) const {
    auto slash = reference.find('/');
    return slash == std::string_view::npos ? nullptr
                                           : store.current(reference.substr(0, slash), reference.substr(slash + 1));
}

std::vector<CurrentVersion> World::current(std::string_view wanted) const {
    std::vector<CurrentVersion> result;
    for (const auto& type : store.types()) {
        if (!wanted.empty() && wanted != type) continue;
        for (const auto& version : store.all(type))
            if (!version->deleted()) result.push_back({version->type, version->id, version->version_id});
    }
    return result;
}

Result<std::string> World::put(std::string_view resource) {
    auto content = fhir::parse_json(resource);
    if (!content) return tl::unexpected(content.error());
    auto type = fhir::string_at(*content, "resourceType");
    if (!is_known_type(type))
        return fail(ErrorCode::Invalid, "Not a known resource type: \"" + std::string(type) + "\"");
    if (auto checked = check_content(*content); !checked) return fail(ErrorCode::Invalid, checked.error().message);
    std::string id(fhir::string_at(*content, "id"));
    auto version = store.current(type, id) ? store.update(std::move(*content), colleague, clock())
                                           : store.create(std::move(*content), colleague, clock(), id);
    return version ? Result<std::string>(version->version_id)
                   : fail(ErrorCode::Invalid, "The resource cannot be stored");
}

Result<rapidjson::Document> World::with_member(std::string_view reference, std::string_view member,
                                               std::string_view json) const {
    auto text = get(reference);
    if (!text) return fail(ErrorCode::NotFound, "There is no " + std::string(reference));
    auto content = fhir::parse_json(*text);
    auto value = fhir::parse_json(json);
    if (!content || !value) return tl::unexpected(!content ? content.error() : value.error());
    auto& memory = content->GetAllocator();
    content->RemoveMember(std::string(member).c_str());
    content->AddMember(rapidjson::Value(member.data(), static_cast<rapidjson::SizeType>(member.size()), memory),
                       rapidjson::Value(*value, memory), memory);
    return content;
}

Result<std::string> World::set_member(std::string_view reference, std::string_view member, std::string_view json) {
    auto content = with_member(reference, member, json);
    if (!content) return tl::unexpected(content.error());
    return put(fhir::to_text(*content));
}

Result<std::string> World::tie(std::string_view reference, std::string_view member, std::string_view json) {
    auto content = with_member(reference, member, json);
    if (!content) return tl::unexpected(content.error());
    auto version = store.update_in_tie(std::move(*content), colleague);
    return version ? Result<std::string>(version->version_id)
                   : fail(ErrorCode::Invalid, "The resource cannot be stored");
}

Result<std::string> World::get(std::string_view reference) const {
    auto version = find(reference);
    if (!version) return fail(ErrorCode::NotFound, "There is no " + std::string(reference));
    if (version->deleted()) return fail(ErrorCode::Gone, std::string(reference) + " was deleted");
    return version->plain_text();
}

std::vector<std::string> World::history(std::string_view reference) const {
    std::vector<std::string> texts;
    auto slash = reference.find('/');
    if (slash == std::string_view::npos) return texts;
    for (const auto& version : store.history(reference.substr(0, slash), reference.substr(slash + 1)))
        texts.push_back(version->deleted() ? std::string() : std::string(version->full_text()));
    return texts;
}

Result<void> World::remove(std::string_view reference) {
    auto version = find(reference);
    if (!version || version->deleted()) return fail(ErrorCode::NotFound, "There is no " + std::string(reference));
    store.remove(version->type, version->id, clock());
    return {};
}

} // namespace fhirscope::server
