#include "runtime/runtime.hpp"

#include "runtime/engine_loop.hpp"
#include "runtime/net.hpp"
#include "runtime/oauth.hpp"
#include "runtime/performer.hpp"
#include "runtime/probe.hpp"
#include "runtime/transport.hpp"
#include "runtime/vault.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace fhirscope::runtime {
namespace {

const char* code_of(engine::Failure failure) {
    switch (failure) {
        case engine::Failure::Login:
            return "login";
        case engine::Failure::Refused:
            return "refused";
        case engine::Failure::Timeout:
            return "timeout";
        case engine::Failure::Tls:
            return "tls";
        case engine::Failure::Unreachable:
            return "unreachable";
        default:
            return "protocol";
    }
}

NetworkOptions network_options(const RuntimeOptions& options) {
    NetworkOptions out;
    out.ca_file = options.connection.ca_file;
    out.connections_per_host = options.connections_per_host;
    out.max_response_bytes = options.max_response_bytes;
    out.max_frame_bytes = options.max_frame_bytes;
    out.max_unsent_bytes = options.max_unsent_bytes;
    return out;
}

// All that the snapshot holds of one resource.
std::vector<std::string_view> texts_of(const engine::Snapshot& snapshot, const std::string& reference) {
    std::vector<std::string_view> texts;
    const auto add = [&](const fhir::ResourcePtr& resource) {
        if (resource) texts.push_back(resource->text());
    };
    for (const engine::StoreView& store : snapshot.stores) {
        if (!reference.starts_with(store.type + "/")) continue;
        for (std::size_t i = 0; i < store.records.size(); ++i)
            if (const engine::RecordPtr& record = store.records[i]; record && record->reference == reference)
                for (const engine::VersionPtr& version : record->history) add(version->resource);
    }
    for (const engine::LocalEditPtr& edit : snapshot.edits)
        if (edit->reference == reference) add(edit->base), add(edit->local);
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i)
        if (const engine::ConflictPtr& conflict = snapshot.conflicts[i]; conflict->reference == reference)
            add(conflict->base), add(conflict->local), add(conflict->server);
    return texts;
}

} // namespace

class Runtime::Impl {
public:
    explicit Impl(RuntimeOptions o) : options(std::move(o)), network(network_options(options)), loop(loop_options()) {}

    Result<void> start(const std::stop_token& stop) {
        const Connection& connection = options.connection;
        vault.continue_after(options.known);
        auto base = parse_url(connection.base_url);
        auto token_url =
            resolve_url(connection.base_url, connection.token_url.empty() ? "oauth2/token" : connection.token_url);
        if (!base) return tl::unexpected(base.error());
        if (!token_url) return tl::unexpected(token_url.error());
        if (const auto allowed = check_transport(connection); !allowed) return tl::unexpected(allowed.error());
        if (auto started = network.start(); !started) return started;

        tokens.emplace(TokenSourceOptions{*token_url, connection.client_id, connection.client_secret,
                                          connection.access_token, options.login_timeout},
                       vault, [this](HttpRequest request, HttpDone done) {
                           network.request(std::move(request), std::move(done));
                       });
        performer.emplace(
            network, *tokens, vault, *base,
            [this](engine::InputBody body, LocalTime at) { return loop.push(std::move(body), at); },
            [this] { return loop.clock().now(); });
        const auto reached = reach(*base, stop);
        if (!reached) return cancelled(*base);
        if (!*reached) {
            network.stop();
            return fail(code_of(reached->error().failure), reached->error().message);
        }
        engine::Start first{options.engine};
        if (!options.known.empty()) first.known = engine::make_text(std::exchange(options.known, {}));
        first.config.base_url = base->text();
        first.config.fhir_path = connection.fhir_path;
        if (options.probe && !probe(*base, first.config, stop)) return cancelled(*base);
        loop.start(std::move(first));
        return {};
    }

    // Closing the network first leaves nothing that could still ask the engine for room.
    void stop() {
        network.stop();
        loop.stop();
    }

    // What is typed may hold secrets, and names of what is hidden in the resource.
    void hide_typed(engine::Edit& edit) {
        const engine::SnapshotPtr snapshot = loop.snapshot();
        std::vector<std::string_view> own_texts;
        if (snapshot) own_texts = texts_of(*snapshot, edit.reference);
        for (fhir::FieldEdit& field : edit.fields) field.value = vault.redact_typed(std::move(field.value), own_texts);
    }

    RuntimeOptions options;
    Vault vault;
    Network network;
    std::optional<TokenSource> tokens;
    std::optional<Performer> performer;
    EngineLoop loop;
    std::string profile;

private:
    EngineLoopOptions loop_options() {
        EngineLoopOptions out;
        out.inbox_max = options.inbox_max;
        out.inbox_max_bytes = options.inbox_max_bytes;
        out.inputs_per_drain = options.inputs_per_drain;
        out.publish_interval = options.publish_interval;
        out.perform = [this](engine::Effect effect) { performer->perform(std::move(effect)); };
        out.on_room = [this] { network.post([this] { network.resume_reading(); }); };
        out.on_input = options.on_input;
        out.on_snapshot = options.on_snapshot;
        out.on_finish = options.on_finish;
        return out;
    }

    static Result<void> cancelled(const Url& base) {
        return fail("cancelled", "connecting to " + base.origin() + " was given up.");
    }

    // What `begin`, on the network thread, is answered; nothing when it was to stop first. The network has stopped
    // then, so that no answer comes late.
    template <class T, class Begin>
    std::optional<T> answer_of(const Begin& begin, const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any answered;
        std::optional<T> answer;
        network.post([&] {
            begin([&](T value) {
                const std::lock_guard lock(mutex);
                answer = std::move(value);
                answered.notify_all();
            });
        });
        {
            std::unique_lock lock(mutex);
            if (answered.wait(lock, stop, [&] { return answer.has_value(); })) return answer;
        }
        network.stop();
        return std::nullopt;
    }

    // An answer's body; "" where there is none: a server that will not be probed is taken for what was asked, or for
    // Medplum.
    std::optional<std::string> get(const Url& base, const std::string& path, const std::stop_token& stop) {
        auto url = resolve_url(base.text(), options.connection.fhir_path + path);
        if (!url) return "";
        const auto ask = [&](const std::function<void(std::string)>& done) {
            tokens->get([&, done](NetResult<SecretPtr> token) {
                HttpRequest request;
                request.url = *url;
                request.timeout = options.login_timeout;
                request.headers = {{"Accept", "application/fhir+json"}, {"Accept-Encoding", "identity"}};
                if (token) request.bearer = *token;
                network.request(std::move(request), [this, done](NetResult<HttpResponse> answer) {
                    done(answer && answer->status == 200 ? vault.redact(std::move(answer->body)) : std::string());
                });
            });
        };
        return answer_of<std::string>(ask, stop);
    }

    // False: it was to stop.
    bool probe(const Url& base, engine::Config& config, const std::stop_token& stop) {
        std::vector<std::string> types;
        for (const engine::SubscriptionWish& wish : config.subscriptions)
            types.push_back(wish.criteria.substr(0, wish.criteria.find('?')));
        const auto metadata = get(base, "metadata", stop);
        if (!metadata) return false;
        Probed probed = read_capabilities(*metadata, options.dialect, types);
        if (probed.topics_by_search) {
            const auto topics = get(base, "SubscriptionTopic?status=active&_count=200", stop);
            if (!topics) return false;
            probed.config.topics = read_topics(*topics);
        }
        probed.config.bind_style = config.dialect.bind_style;
        probed.config.bind_template = config.dialect.bind_template;
        probed.config.content = config.dialect.content;
        probed.config.gap_grace = config.dialect.gap_grace;
        spdlog::info("{} speaks the dialect {}: {}", base.origin(), fhir::to_string(probed.config.dialect),
                     probed.evidence);
        config.dialect = std::move(probed.config);
        return true;
    }

    // By a login where there is one to make, so that a wrong secret is known before anything else.
    std::optional<NetResult<void>> reach(const Url& base, const std::stop_token& stop) {
        const auto ask = [&](std::function<void(NetResult<void>)> done) {
            if (!tokens->can_renew()) return network.reach(base, options.login_timeout, std::move(done));
            tokens->get([this, done = std::move(done)](NetResult<SecretPtr> token) {
                profile = tokens->profile();
                done(token ? NetResult<void>() : tl::unexpected(token.error()));
            });
        };
        return answer_of<NetResult<void>>(ask, stop);
    }
};

Runtime::Runtime(RuntimeOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Runtime::~Runtime() { stop(); }

Result<void> Runtime::start(const std::stop_token& stop) { return impl_->start(stop); }

void Runtime::stop() { impl_->stop(); }

void Runtime::send(engine::Command command) {
    if (auto* edit = std::get_if<engine::Edit>(&command)) impl_->hide_typed(*edit);
    impl_->loop.push(std::move(command));
}

engine::SnapshotPtr Runtime::snapshot() const { return impl_->loop.snapshot(); }

bool Runtime::run_until(const std::function<bool(const engine::Snapshot&)>& predicate,
                        std::chrono::milliseconds timeout) const {
    return impl_->loop.run_until(predicate, timeout);
}

std::uint64_t Runtime::state_hash() const { return impl_->loop.state_hash(); }

std::string Runtime::profile() const { return impl_->profile; }

} // namespace fhirscope::runtime
