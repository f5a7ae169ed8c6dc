#pragma once
// What the parts of the network share: the one thread's context, what is under way, and how a connection is made.
// Part of the network; nothing above includes it.

#include "fhir/thread_safety.hpp"
#include "net/stream.hpp"
#include "runtime/net.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace fhirscope::runtime::net {

using namespace fhirscope::net;
using engine::Failure;

// Something that stop() must end early.
class Abortable {
public:
    virtual ~Abortable() = default;
    virtual void abort() = 0;
};

// Where a lookup's thread leaves its answer. The thread may outlive the network, so it asks here first.
struct Mailbox {
    Mutex mutex;
    asio::io_context* io FHIRSCOPE_GUARDED_BY(mutex) = nullptr; // null once the network has ended
};

struct Lookup;

struct Core {
    explicit Core(NetworkOptions o) : options(std::move(o)) { mailbox->io = &io; }
    ~Core() {
        const Lock lock(mailbox->mutex);
        mailbox->io = nullptr;
    }
    NetworkOptions options;
    asio::io_context io{1};
    asio::ssl::context tls{asio::ssl::context::tls_client};
    std::multiset<Abortable*> active;
    std::map<std::uint64_t, Lookup*> lookups; // under way, by number
    std::uint64_t last_lookup = 0;
    bool stopping = false;
    asio::ssl::context* tls_if(bool secure) { return secure ? &tls : nullptr; }
    std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
};

// Registers for as long as it lives.
class Registered {
public:
    Registered(Core& core, Abortable& what) : core_(core), what_(what) { core_.active.insert(&what_); }
    ~Registered() { core_.active.erase(core_.active.find(&what_)); }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

private:
    Core& core_;
    Abortable& what_;
};

// Resolves the name, connects, and for https makes sure of the certificate. The stream was made with core.tls then.
awaitable<NetResult<void>> connect(Core& core, Stream& stream, const Url& url, Deadline deadline);

NetError timed_out(const Url& url, std::string_view doing);

} // namespace fhirscope::runtime::net
