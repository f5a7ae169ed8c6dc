#pragma once
// The inside of the embedded server: who is connected, timers, the thread. Part of src/server; nothing else includes
// it.

#include "fhir/thread_safety.hpp"
#include "net/run_on.hpp"
#include "net/stream.hpp"
#include "server/server.hpp"
#include "server/world.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace fhirscope::server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

// One connection: requests one after another, and a WebSocket after an upgrade. Used on the server's thread only.
class Connection {
public:
    virtual ~Connection() = default;
    // Takes nothing before the upgrade, and nothing once the connection is ending.
    virtual void send(const std::shared_ptr<const std::string>& frame) = 0;
    virtual void abort() = 0; // at once, without a word
    virtual void close(std::uint16_t code, const std::string& reason) = 0;
    virtual bool is_websocket() const = 0;
    virtual bool is_known() const = 0;           // its client showed that it logged in
    virtual const std::string& peer() const = 0; // address
    virtual void wake() = 0;                     // the server goes on after it hung
};

class EmbeddedServer::Impl {
public:
    Impl(ServerOptions given, EmbeddedServer& owner);

    Result<void> start();
    void stop();

    // Runs `f` on the server's thread and waits for it; in place on that thread, or when it is not there (any more).
    template <class F>
    auto on_thread(F f) -> decltype(f()) {
        if (io.get_executor().running_in_this_thread()) return f();
        Lock lock(mutex);
        if (!running) return f();
        auto answer = net::run_on(io, [this, &f] {
            deliver_answered(); // before anything else is changed
            return f();
        });
        lock.unlock();
        return answer.get();
    }

    // An event on its way. 5.0 knows at the commit whom to tell; 5.1 asks when a worker takes it from the queue.
    struct Pending {
        std::vector<std::string> subscriptions;
        Commit commit;
    };

    asio::awaitable<void> accept();
    void beat();
    void shut_down();
    void deliver_late();
    void deliver_all_late();
    bool kept_back(const Pending& pending); // lost or held
    void release_held();
    void arm_clinic();
    void committed(const Commit& commit);
    void deliver(const Pending& pending);
    void deliver_answered();
    void send(const Frame& frame);
    void listen(error_code& error);
    void set_reachable(bool now);

    void set_hanging(bool now);
    void make_room_for(const std::string& peer);
    Result<void> cause(const FaultOrder& order);
    Result<void> apply(const FaultOrder& order, bool undo);
    std::optional<Response> administer(const Request& request);

    // From connections.
    Response answer(const Request& request);
    bool knows(const Request& request) const;
    bool may_upgrade();
    void received(ConnectionId from, Connection& connection, std::string_view frame, bool& terminate, bool& known);
    void closed(ConnectionId id);

    template <class F>
    void each_socket(F f) {
        auto copy = connections; // closing one changes the table
        for (auto& [id, connection] : copy)
            if (connection->is_websocket()) f(*connection);
    }

    EmbeddedServer& owner;
    ServerOptions options;
    std::string base_url, websocket_path, websocket_url;
    asio::io_context io{1};
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tcp::endpoint endpoint;
    tcp::acceptor acceptor{io};
    asio::steady_timer heartbeat{io}, clinic_timer{io}, late_timer{io};
    std::map<ConnectionId, std::shared_ptr<Connection>> connections;
    ConnectionId next_id = 1;
    std::unique_ptr<World> world;
    ServerStats stats;
    Random jitter_random;
    std::multimap<std::chrono::steady_clock::time_point, Pending> late;
    std::map<std::string, unsigned, std::less<>> losing, holding, repeating; // by reference: how many events more
    std::vector<Pending> held, answered; // answered: events of writes whose answer leaves before them
    std::map<std::string, asio::steady_timer, std::less<>> fault_timers; // by name: when it is undone
    std::vector<std::shared_ptr<asio::steady_timer>> waiting_faults;     // that begin later
    bool silent = false, deaf = false, reachable = true, stopping = false;
    bool hanging = false, requests_hanging = false, paused_before_hanging = false;
    bool answering = false;           // a request is being carried out
    std::uint64_t commits_before = 0; // those that filled the clinic
    milliseconds delay{0};
    unsigned upgrades_to_fail = 0;

    Mutex mutex; // also of the state once the thread is gone
    bool running FHIRSCOPE_GUARDED_BY(mutex) = false;
    std::thread thread;
};

// Serves one accepted connection until it ends; the server is told then.
std::shared_ptr<Connection> open_session(net::TcpSocket socket, bool secure, EmbeddedServer::Impl& server,
                                         ConnectionId id);

} // namespace fhirscope::server
