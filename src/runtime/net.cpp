#include "runtime/net.hpp"

#include "files/regular_file.hpp"
#include "runtime/net_http.hpp"
#include "runtime/net_socket.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <openssl/err.h>
#include <pthread.h>

#include <optional>
#include <thread>

namespace fhirscope::runtime {

// A system's whole list of authorities has 200 KB.
constexpr std::uint64_t largest_ca_file = 1u << 20;

std::optional<Url> redirected(const HttpRequest& request, const HttpResponse& answer) {
    const unsigned status = answer.status;
    const bool redirects = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!redirects || request.method != "GET" || answer.location.empty()) return std::nullopt;
    auto target = resolve_location(request.url, answer.location);
    if (!target || !target->same_origin(request.url)) return std::nullopt;
    return std::move(*target);
}

class Network::Impl {
public:
    explicit Impl(NetworkOptions options) : core(std::move(options)), work(core.io.get_executor()) {}

    Result<void> trust() {
        using context = net::asio::ssl::context;
        core.tls.set_verify_mode(net::asio::ssl::verify_peer);
        net::error_code error;
        core.tls.set_options(context::default_workarounds | context::no_sslv2 | context::no_sslv3 | context::no_tlsv1 |
                                 context::no_tlsv1_1,
                             error);
        core.tls.set_default_verify_paths(error); // a machine without any has --ca-file
        const std::string& file = core.options.ca_file;
        if (file.empty()) return {};
        const auto authorities = files::read_whole(file, largest_ca_file);
        if (!authorities) return fail(ErrorCode::CaFile, authorities.error().message);
        core.tls.add_certificate_authority(net::asio::buffer(*authorities), error);
        if (error)
            return fail(ErrorCode::CaFile, "The certificates in " + file + " cannot be used: " + error.message() + ".");
        return {};
    }

    void abort_all() {
        core.stopping = true;
        // An abort can end what registered, which changes the set.
        const auto active = core.active;
        for (net::Abortable* one : active)
            if (core.active.contains(one)) one->abort();
        work.reset();
    }

    net::Core core;
    net::HttpPool http{core};
    net::Sockets sockets{core};
    net::asio::executor_work_guard<net::asio::io_context::executor_type> work;
    std::thread thread;
};

Network::Network(NetworkOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Network::~Network() { stop(); }

Result<void> Network::start() {
    if (auto trusted = impl_->trust(); !trusted) return trusted;
    impl_->thread = std::thread([this] { impl_->core.io.run(); });
    pthread_setname_np(impl_->thread.native_handle(), "network");
    return {};
}

void Network::stop() {
    if (!impl_->thread.joinable()) return;
    net::asio::post(impl_->core.io, [this] { impl_->abort_all(); });
    impl_->thread.join(); // run() returns when the last coroutine has ended
    impl_->http.forget();
}

void Network::post(std::function<void()> call) {
    net::asio::post(
        impl_->core.io,
        [this, call = std::move(call)] {
            if (!impl_->core.stopping) call();
        });
}

void Network::request(HttpRequest request, HttpDone done) { impl_->http.request(std::move(request), std::move(done)); }

void Network::reach(Url url, std::chrono::milliseconds timeout, std::function<void(NetResult<void>)> done) {
    impl_->http.reach(std::move(url), timeout, std::move(done));
}

void Network::open_socket(engine::SocketId id, Url url, std::chrono::milliseconds timeout, SocketEvents events) {
    impl_->sockets.open(id, std::move(url), timeout, std::move(events));
}

void Network::send(engine::SocketId id, std::string text) { impl_->sockets.send(id, std::move(text)); }

void Network::close_socket(engine::SocketId id, std::uint16_t code, std::string reason) {
    impl_->sockets.close(id, code, std::move(reason));
}

void Network::resume_reading() { impl_->sockets.resume(); }

} // namespace fhirscope::runtime
