#include "server/fault_proxy.hpp"

#include "fhir/ascii.hpp"
#include "fhir/thread_safety.hpp"
#include "net/run_on.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <deque>
#include <future>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// g++ 12 inlines half of how Asio allocates a coroutine's frame, and takes the other half for a mismatch.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace fhirscope::server {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// Errors of the network are ordinary answers, not exceptions.
constexpr auto awaiting = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_size = 16u << 10;
constexpr unsigned slices_a_second = 20; // a limited rate comes in such slices, not in one gulp a second

// An RST rather than a FIN: the peer learns of it as of a failure, and nothing that waits is delivered.
void reset(tcp::socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

// One direction of a connection.
struct Stream {
    Stream(tcp::socket& source, tcp::socket& sink, asio::io_context& io)
        : from(source), to(sink), reader(io), writer(io) {}
    void wake() {
        reader.cancel();
        writer.cancel();
    }
    void push(std::string bytes, std::chrono::steady_clock::time_point due) {
        waiting += bytes.size();
        queue.emplace_back(due, std::move(bytes));
        writer.cancel();
    }

    tcp::socket& from;
    tcp::socket& to;
    std::deque<std::pair<std::chrono::steady_clock::time_point, std::string>> queue;
    std::size_t waiting = 0;
    bool ended = false;                // nothing more comes from `from`
    asio::steady_timer reader, writer; // what its two coroutines wait on until something changes
};

struct Link {
    explicit Link(tcp::socket accepted, asio::io_context& io)
        : client(std::move(accepted)), server(io), up(client, server, io), down(server, client, io) {}
    void wake() {
        up.wake();
        down.wake();
    }
    void abort() {
        over = true;
        reset(client);
        reset(server);
        wake();
    }

    tcp::socket client, server;
    Stream up, down;  // to the server, to the client
    std::string head; // the end of what the client has sent, until it is known to be a WebSocket
    bool websocket = false;
    bool half_open = false;
    bool over = false;
    int streams_done = 0;
};

bool asks_for_websocket(std::string_view text) {
    constexpr std::string_view wanted = "upgrade: websocket";
    const auto same = [](char a, char b) { return fhir::lower_ascii(a) == b; };
    return std::search(text.begin(), text.end(), wanted.begin(), wanted.end(), same) != text.end();
}

} // namespace

class FaultProxy::Impl {
public:
    explicit Impl(FaultProxyOptions given) : options(std::move(given)) {}

    Result<void> start();
    void stop();

    // Runs `f` on the proxy's thread and waits for it; in place when the thread is not there (any more).
    template <class F>
    auto on_thread(F f) -> decltype(f()) {
        Lock lock(mutex);
        if (!running) return f();
        auto answer = net::run_on(io, std::move(f));
        lock.unlock();
        return answer.get();
    }

    void listen(error_code& error);
    asio::awaitable<void> accept(unsigned listening);
    asio::awaitable<void> serve(std::shared_ptr<Link> link);
    asio::awaitable<void> read(std::shared_ptr<Link> link, Stream& stream);
    asio::awaitable<void> write(std::shared_ptr<Link> link, Stream& stream);
    void notice(Link& link, std::string_view bytes);
    void done(const std::shared_ptr<Link>& link);

    template <class F>
    std::size_t each(Links which, F f) {
        std::size_t struck = 0;
        const auto copy = links; // ending one changes the list
        for (const auto& link : copy)
            if ((which == Links::All || link->websocket) && !link->over) struck += f(link) ? 1 : 0;
        return struck;
    }

    FaultProxyOptions options;
    asio::io_context io{1};
    tcp::acceptor acceptor{io};
    tcp::endpoint endpoint;
    unsigned listenings = 0; // tells an accept loop of before a refusal from the present one
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> busy; // while it refuses and is unused
    std::vector<std::shared_ptr<Link>> links;
    bool stalled = false;
    std::chrono::milliseconds latency{0};
    std::size_t rate = 0;
    FaultProxyStats stats;

    Mutex mutex; // also of the state while there is no thread
    bool running FHIRSCOPE_GUARDED_BY(mutex) = false;
    std::thread thread;
};

void FaultProxy::Impl::listen(error_code& error) {
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) endpoint = acceptor.local_endpoint(error);
    if (error) {
        error_code ignored;
        acceptor.close(ignored);
        return;
    }
    asio::co_spawn(io, accept(++listenings), asio::detached);
}

Result<void> FaultProxy::Impl::start() {
    const Lock lock(mutex);
    if (running || thread.joinable() || endpoint.port() != 0)
        return fail(ErrorCode::Listen, "The proxy was started already");
    error_code error;
    const auto address = asio::ip::make_address(options.host, error);
    if (error)
        return fail(ErrorCode::Address,
                    "\"" + options.host + "\" is not a numeric address: give one such as 127.0.0.1");
    endpoint = {address, options.port};
    listen(error);
    if (error) {
        const auto place = options.host + ":" + std::to_string(options.port);
        endpoint.port(0);
        if (error == asio::error::address_in_use)
            return fail(ErrorCode::PortBusy,
                        place + " is in use by another program: choose another port, or 0 for any free one");
        return fail(ErrorCode::Listen, "Cannot listen on " + place + ": " + error.message());
    }
    busy.emplace(asio::make_work_guard(io));
    running = true;
    thread = std::thread([this] { io.run(); });
    return {};
}

void FaultProxy::Impl::stop() {
    // Held until the thread is gone: calls that come meanwhile wait, and then run in place.
    const Lock lock(mutex);
    if (!running) return;
    asio::post(io, [this] {
        error_code ignored;
        acceptor.close(ignored);
        each(Links::All, [](const auto& link) { return link->abort(), true; });
        busy.reset();
    });
    thread.join(); // with everything closed, the thread runs out of work
    running = false;
}

asio::awaitable<void> FaultProxy::Impl::accept(unsigned listening) {
    while (acceptor.is_open() && listening == listenings) {
        auto [error, socket] = co_await acceptor.async_accept(awaiting);
        if (!acceptor.is_open() || listening != listenings) co_return;
        if (error) { // no descriptors left, or a peer that was gone again: go on a little later
            asio::steady_timer pause(io, std::chrono::milliseconds(50));
            co_await pause.async_wait(awaiting);
            continue;
        }
        ++stats.accepted;
        if (links.size() >= options.max_connections) {
            reset(socket);
            continue;
        }
        auto link = std::make_shared<Link>(std::move(socket), io);
        links.push_back(link);
        asio::co_spawn(io, serve(link), asio::detached);
    }
}

asio::awaitable<void> FaultProxy::Impl::serve(std::shared_ptr<Link> link) {
    while (stalled && !link->over) {
        link->up.reader.expires_after(std::chrono::hours(1));
        co_await link->up.reader.async_wait(awaiting);
    }
    if (!link->over) {
        auto [error] = co_await link->server.async_connect({endpoint.address(), options.target_port}, awaiting);
        if (link->half_open) {
            reset(link->server); // it never had one
        } else if (error && !link->over) {
            ++stats.unreachable;
            link->abort();
        }
    }
    if (link->over) {
        std::erase(links, link);
        co_return;
    }
    error_code ignored;
    link->client.set_option(tcp::no_delay(true), ignored);
    link->server.set_option(tcp::no_delay(true), ignored);
    asio::co_spawn(io, read(link, link->up), asio::detached);
    asio::co_spawn(io, write(link, link->up), asio::detached);
    asio::co_spawn(io, read(link, link->down), asio::detached);
    asio::co_spawn(io, write(link, link->down), asio::detached);
}

asio::awaitable<void> FaultProxy::Impl::read(std::shared_ptr<Link> link, Stream& stream) {
    std::array<char, read_size> buffer;
    const bool from_client = &stream == &link->up;
    while (!link->over && (from_client || !link->half_open)) {
        if (!link->half_open && (stalled || stream.waiting >= options.max_waiting)) {
            stream.reader.expires_after(std::chrono::hours(1));
            co_await stream.reader.async_wait(awaiting);
            continue;
        }
        auto [error, size] = co_await stream.from.async_read_some(asio::buffer(buffer), awaiting);
        if (link->over) break;
        if (link->half_open) {
            // What the client sends has to go somewhere, or it would notice that it backs up.
            if (error && error != asio::error::operation_aborted) link->abort();
            continue;
        }
        if (error) {
            stream.ended = true;
            if (error == asio::error::eof)
                stream.writer.cancel(); // the other side is told once it has everything
            else
                link->abort();
            break;
        }
        if (from_client) notice(*link, {buffer.data(), size});
        stream.push(std::string(buffer.data(), size), std::chrono::steady_clock::now() + latency);
    }
    done(link);
}

asio::awaitable<void> FaultProxy::Impl::write(std::shared_ptr<Link> link, Stream& stream) {
    while (!link->over && !link->half_open) {
        if (stream.queue.empty() && stream.ended) {
            error_code ignored;
            stream.to.shutdown(tcp::socket::shutdown_send, ignored);
            break;
        }
        const auto now = std::chrono::steady_clock::now();
        const bool nothing = stalled || stream.queue.empty();
        if (nothing || stream.queue.front().first > now) {
            stream.writer.expires_at(nothing ? now + std::chrono::hours(1) : stream.queue.front().first);
            co_await stream.writer.async_wait(awaiting);
            continue;
        }
        auto bytes = std::move(stream.queue.front().second);
        const auto due = stream.queue.front().first;
        stream.queue.pop_front();
        if (const std::size_t slice = std::max<std::size_t>(rate / slices_a_second, 1);
            rate > 0 && bytes.size() > slice) {
            stream.queue.emplace_front(due, bytes.substr(slice));
            bytes.resize(slice);
        }
        auto [error, size] = co_await asio::async_write(stream.to, asio::buffer(bytes), awaiting);
        stream.waiting -= bytes.size();
        (&stream == &link->up ? stats.to_server : stats.to_client) += size;
        stream.reader.cancel();
        if (link->over || link->half_open) break;
        if (error) {
            link->abort();
            break;
        }
        if (rate > 0) {
            asio::steady_timer pace(io, std::chrono::microseconds(bytes.size() * 1'000'000 / rate));
            co_await pace.async_wait(awaiting);
        }
    }
    done(link);
}

void FaultProxy::Impl::notice(Link& link, std::string_view bytes) {
    if (link.websocket) return;
    link.head += bytes;
    link.websocket = asks_for_websocket(link.head);
    constexpr std::size_t kept = 32; // the words may lie across two reads
    if (link.websocket)
        link.head.clear();
    else if (link.head.size() > kept)
        link.head.erase(0, link.head.size() - kept);
}

void FaultProxy::Impl::done(const std::shared_ptr<Link>& link) {
    if (++link->streams_done < 4) return;
    error_code ignored;
    link->client.close(ignored);
    link->server.close(ignored);
    std::erase(links, link);
}

FaultProxy::FaultProxy(FaultProxyOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
FaultProxy::~FaultProxy() { stop(); }

Result<void> FaultProxy::start() { return impl_->start(); }
void FaultProxy::stop() { impl_->stop(); }

// The endpoint stays as start() made it.
std::uint16_t FaultProxy::port() const { return impl_->endpoint.port(); }

std::string FaultProxy::base_url() const {
    const auto address = impl_->endpoint.address();
    const auto host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    return "http://" + host + ":" + std::to_string(port()) + "/";
}

void FaultProxy::set_target(std::uint16_t port) {
    impl_->on_thread([&] { impl_->options.target_port = port; });
}

std::size_t FaultProxy::cut(Links which) {
    return impl_->on_thread([&] {
        const auto struck = impl_->each(
            which, [](const auto& link) { return link->abort(), true; });
        impl_->stats.cut += struck;
        return struck;
    });
}

std::size_t FaultProxy::half_open(Links which) {
    return impl_->on_thread([&] {
        const auto struck = impl_->each(
            which,
            [](const auto& link) {
                if (link->half_open) return false;
                link->half_open = true;
                error_code ignored;
                link->client.cancel(ignored);
                reset(link->server);
                link->wake();
                return true;
            });
        impl_->stats.half_opened += struck;
        return struck;
    });
}

void FaultProxy::stall() {
    impl_->on_thread([&] {
        impl_->stats.stalls += impl_->stalled ? 0 : 1;
        impl_->stalled = true;
    });
}

void FaultProxy::resume() {
    impl_->on_thread([&] {
        impl_->stalled = false;
        for (const auto& link : impl_->links) link->wake();
    });
}

void FaultProxy::refuse() {
    impl_->on_thread([&] {
        if (!impl_->acceptor.is_open()) return;
        error_code ignored;
        impl_->acceptor.close(ignored);
        ++impl_->stats.refusals;
    });
}

Result<void> FaultProxy::accept() {
    return impl_->on_thread([&]() -> Result<void> {
        if (impl_->acceptor.is_open() || !impl_->busy) return {};
        error_code error;
        impl_->listen(error);
        if (error)
            return fail(ErrorCode::Listen, "Cannot listen on port " + std::to_string(impl_->endpoint.port()) +
                                               " again: " + error.message());
        return {};
    });
}

std::size_t FaultProxy::garbage(const std::string& bytes, Links which) {
    return impl_->on_thread([&] {
        const auto struck = impl_->each(
            which,
            [&](const auto& link) {
                if (link->half_open) return false;
                link->down.push(bytes, std::chrono::steady_clock::now());
                return true;
            });
        impl_->stats.garbage_bytes += struck * bytes.size();
        return struck;
    });
}

void FaultProxy::delay(std::chrono::milliseconds each_way) {
    impl_->on_thread([&] { impl_->latency = std::max(each_way, std::chrono::milliseconds(0)); });
}

void FaultProxy::limit(std::size_t bytes_per_second) {
    impl_->on_thread([&] { impl_->rate = bytes_per_second; });
}

FaultProxyStats FaultProxy::stats() const {
    return impl_->on_thread([impl = impl_.get()] {
        auto stats = impl->stats;
        stats.open = impl->links.size();
        for (const auto& link : impl->links) stats.websockets += link->websocket ? 1 : 0;
        return stats;
    });
}

} // namespace fhirscope::server
