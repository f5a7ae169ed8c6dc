#include "runtime/runtime.hpp"

#include "engine/cache.hpp"
#include "runtime/content_encoding.hpp"
#include "runtime/engine_loop.hpp"
#include "runtime/fhir_base.hpp"
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

ErrorCode code_of(engine::Failure failure) {
    switch (failure) {
        case engine::Failure::Login:
            return ErrorCode::Login;
        case engine::Failure::Refused:
            return ErrorCode::Refused;
        case engine::Failure::Timeout:
            return ErrorCode::Timeout;
        case engine::Failure::Tls:
            return ErrorCode::Tls;
        case engine::Failure::Unreachable:
            return ErrorCode::Unreachable;
        default:
            return ErrorCode::Protocol;
    }
}

NetworkOptions network_options(const RuntimeOptions& options) {
    NetworkOptions network = options.network;
    network.ca_file = options.connection.ca_file;
    return network;
}

// All that the snapshot holds of one resource.
std::vector<std::string_view> texts_of(const engine::Snapshot& snapshot, const std::string& reference) {
    std::vector<std::string_view> texts;
    const auto add = [&](const fhir::ResourcePtr& resource) {
        if (resource) texts.push_back(resource->text());
    };
    if (const engine::RecordPtr record = snapshot.find(reference))
        for (const engine::VersionPtr& version : record->history) add(version->resource);
    for (const engine::LocalEditPtr& edit : snapshot.edits)
        if (edit->reference == reference) add(edit->base), add(edit->local);
    for (std::size_t i = 0; i < snapshot.conflicts.size(); ++i)
        if (const engine::ConflictPtr& conflict = snapshot.conflicts[i]; conflict->reference == reference)
            add(conflict->base), add(conflict->local), add(conflict->server);
    return texts;
}

} // namespace

class Runtime::Impl : public EngineHost {
public:
    explicit Impl(RuntimeOptions o)
        : options(std::move(o)), network(network_options(options)), loop(std::move(options.loop), *this) {}

    void perform(engine::Effect effect) override { performer->perform(std::move(effect)); }
    void on_room() override {
        network.post([this] { network.resume_reading(); });
    }

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
        performer.emplace(network, *tokens, vault, *base, loop);
        const auto reached = reach(*base, stop);
        if (!reached) return cancelled(*base);
        engine::Start first{options.engine};
        first.config.base_url = base->text();
        first.config.fhir_path = connection.fhir_path;
        if (!*reached) {
            const NetError& error = reached->error();
            const auto last = engine::cached_server(options.known);
            if (!last || !is_away(error.failure)) return give_up(code_of(error.failure), error.message);
            first.config.fhir_path = last->fhir_path;
            if (!options.dialect) first.config.dialect = last->dialect;
            note = error.message + " What the last session left is shown, and the server is tried again.";
        } else if (options.probe) {
            if (auto probed = probe(*base, first.config, stop); !probed) return probed;
        }
        if (!options.known.empty()) first.known = engine::make_text(std::exchange(options.known, {}));
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
    std::string profile, note;

private:
    static Result<void> cancelled(const Url& base) {
        return fail(ErrorCode::Cancelled, "connecting to " + base.origin() + " was given up.");
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

    // Nothing of it goes on.
    Result<void> give_up(ErrorCode code, const std::string& message) {
        network.stop();
        return fail(code, message);
    }

    // The server does not answer just now; it may later.
    static bool is_away(engine::Failure failure) {
        return failure == engine::Failure::Refused || failure == engine::Failure::Unreachable ||
               failure == engine::Failure::Timeout || failure == engine::Failure::ClosedEarly;
    }

    void ask(HttpRequest request, unsigned redirects, const std::function<void(NetResult<HttpResponse>)>& done) {
        network.request(
            request,
            [this, request, redirects, done](NetResult<HttpResponse> answer) {
                if (answer && redirects < most_redirects)
                    if (auto target = redirected(request, *answer)) {
                        HttpRequest next = request;
                        next.url = std::move(*target);
                        return ask(std::move(next), redirects + 1, done);
                    }
                if (answer) {
                    answer->body = vault.redact(std::move(answer->body));
                    answer->location = vault.redact(std::move(answer->location));
                }
                done(std::move(answer));
            });
    }

    // What `path` below `fhir_path` is answered with; nothing: it was to stop.
    std::optional<Looked> look(const Url& base, const std::string& fhir_path, const std::string& path,
                               std::chrono::milliseconds timeout, const std::stop_token& stop) {
        Looked looked{fhir_path, base, tl::unexpected(NetError{})};
        auto url = resolve_url(base.text(), fhir_path + path);
        if (!url) {
            looked.answer = tl::unexpected(NetError{engine::Failure::Protocol, url.error().message});
            return looked;
        }
        looked.asked = *url;
        const auto begin = [&](const std::function<void(NetResult<HttpResponse>)>& done) {
            tokens->get([&, done](NetResult<SecretPtr> token) {
                HttpRequest request;
                request.url = *url;
                request.timeout = timeout;
                request.headers = {{"Accept", "application/fhir+json"},
                                   {"Accept-Encoding", std::string(accepted_encodings)}};
                if (token) request.bearer = *token;
                ask(std::move(request), 0, done);
            });
        };
        auto answer = answer_of<NetResult<HttpResponse>>(begin, stop);
        if (!answer) return std::nullopt;
        looked.answer = std::move(*answer);
        return looked;
    }

    // Finds the FHIR base, and reads from its metadata how the server speaks of subscriptions.
    Result<void> probe(const Url& base, engine::Config& config, const std::stop_token& stop) {
        std::vector<std::string> paths = options.connection.other_fhir_paths;
        const bool said = paths.empty(); // by hand: it stands
        paths.insert(paths.begin(), options.connection.fhir_path);
        std::vector<Looked> looked;
        // A server that lets everybody wait does not do so once for each path.
        const auto began = std::chrono::steady_clock::now();
        for (const std::string& path : paths) {
            const auto passed =
                std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
            auto one =
                look(base, path, "metadata", std::max(options.login_timeout - passed, options.login_timeout / 8), stop);
            if (!one) return cancelled(base);
            looked.push_back(std::move(*one));
            if (judge(looked.back()) == Base::Found) break;
        }
        const Looked* chosen = choose_base(looked);
        if (!chosen && !said)
            return give_up(ErrorCode::NoFhir, "There is no FHIR server at " + base.text() +
                                                  ". Asked: " + describe(looked) +
                                                  ". Give the address of its FHIR base, or its path with --fhir-path.");
        if (!chosen) chosen = &looked.front();
        if (judge(*chosen) != Base::Found)
            note = "The server's metadata could not be read: " + describe({*chosen}) + ".";
        config.fhir_path = chosen->path;
        if (auto let_in = check_login(base, config, stop); !let_in) return let_in;
        return read_dialect(base, config, chosen->answer ? chosen->answer->body : std::string(), stop);
    }

    // Whoever has no way to log in anew is told at once that the server wants a login.
    Result<void> check_login(const Url& base, const engine::Config& config, const std::stop_token& stop) {
        if (tokens->can_renew() || config.subscriptions.empty()) return {};
        const std::string& criteria = config.subscriptions.front().criteria;
        const auto tried = look(base, config.fhir_path, criteria.substr(0, criteria.find('?')) + "?_count=1",
                                options.login_timeout, stop);
        if (!tried) return cancelled(base);
        if (!tried->answer || tried->answer->status != 401) return {};
        if (options.connection.access_token)
            return give_up(ErrorCode::Login,
                           "The server does not take the access token that was given (HTTP 401 at " + base.origin() +
                               "): it has ended, or is for another server. Log in again (medplum login), or give a "
                               "client id and secret.");
        return give_up(ErrorCode::Login,
                       "The server wants a login (HTTP 401 at " + base.origin() +
                           "), and no credentials were given. Name them with --client-id and "
                           "--client-secret-file, a --profile, or MEDPLUM_CLIENT_ID and MEDPLUM_CLIENT_SECRET.");
    }

    Result<void> read_dialect(const Url& base, engine::Config& config, const std::string& metadata,
                              const std::stop_token& stop) {
        std::vector<std::string> types;
        for (const engine::SubscriptionWish& wish : config.subscriptions)
            types.push_back(wish.criteria.substr(0, wish.criteria.find('?')));
        Probed probed = read_capabilities(metadata, options.dialect, types);
        if (probed.topics_by_search || !probed.guessed.empty()) {
            const auto topics =
                look(base, config.fhir_path, "SubscriptionTopic?status=active&_count=200", options.login_timeout, stop);
            if (!topics) return cancelled(base);
            take_topics(probed, topics->answer && topics->answer->status == 200 ? topics->answer->body : std::string());
        }
        if (!probed.guessed.empty()) {
            std::string names;
            for (const engine::Topic& topic : probed.guessed)
                names += (names.empty() ? "" : ", ") + topic.url + " of " + topic.type;
            note += (note.empty() ? "" : " ") +
                    ("What a topic is of is known by its name alone, since the server does not say what triggers it: " +
                     names.substr(0, 1'000) + ".");
        }
        probed.config.bind_style = config.dialect.bind_style;
        probed.config.bind_template = config.dialect.bind_template;
        probed.config.content = config.dialect.content;
        probed.config.gap_grace = config.dialect.gap_grace;
        spdlog::info("{} speaks the dialect {}: {}", base.origin(), fhir::to_string(probed.config.dialect),
                     probed.evidence);
        config.dialect = std::move(probed.config);
        return {};
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

void Runtime::check() const { impl_->loop.check(); }

bool Runtime::run_until(const std::function<bool(const engine::Snapshot&)>& predicate,
                        std::chrono::milliseconds timeout) const {
    return impl_->loop.run_until(predicate, timeout);
}

std::uint64_t Runtime::state_hash() const { return impl_->loop.state_hash(); }

std::string Runtime::note() const { return impl_->note; }

std::string Runtime::profile() const { return impl_->profile; }

} // namespace fhirscope::runtime
