#pragma once
// Waiting for what other threads do, without sleeping.

#include "runtime/net.hpp"
#include "test_server.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::runtime::test {

// A list that one thread fills and another waits on.
template <class T>
class Collector {
public:
    void add(T value) {
        const std::lock_guard lock(mutex_);
        values_.push_back(std::move(value));
        changed_.notify_all();
    }
    // False: it did not become so in time.
    bool wait(const std::function<bool(const std::vector<T>&)>& predicate) const {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return predicate(values_); });
    }
    bool wait_for_size(std::size_t size) const {
        return wait([&](const std::vector<T>& all) { return all.size() >= size; });
    }
    std::vector<T> all() const {
        const std::lock_guard lock(mutex_);
        return values_;
    }

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<T> values_;
};

// A door that a test holds shut.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

// Throws when nobody keeps it.
template <class T>
T value_in_time(std::promise<T>& promise) {
    auto future = promise.get_future();
    if (future.wait_for(patience) != std::future_status::ready)
        throw std::runtime_error("a promise was not kept in time");
    return future.get();
}

inline Url url_of(const std::string& text) { return parse_url(text).value(); }

struct SocketRecord {
    std::string what; // "opened", "failed", "frame", "closed"
    std::string text; // message, frame or reason
    engine::Failure failure{};
    std::uint16_t code = 0;
};

// A Network whose answers a test waits for.
class Client {
public:
    explicit Client(NetworkOptions options = {}) : network(std::move(options)) {
        if (const auto started = network.start(); !started) throw std::runtime_error(started.error().message);
    }
    ~Client() { network.stop(); }

    NetResult<HttpResponse> request(HttpRequest request) {
        auto promise = std::make_shared<std::promise<NetResult<HttpResponse>>>();
        auto result = promise->get_future();
        network.post([this, request = std::move(request), promise] {
            network.request(request,
                            [promise](NetResult<HttpResponse> answer) { promise->set_value(std::move(answer)); });
        });
        if (result.wait_for(patience) != std::future_status::ready)
            return tl::unexpected(NetError{{}, "the test waited too long"});
        return result.get();
    }
    NetResult<HttpResponse> get(const std::string& url, std::chrono::milliseconds timeout = patience) {
        HttpRequest one;
        one.url = url_of(url);
        one.timeout = timeout;
        return request(std::move(one));
    }
    NetResult<HttpResponse> send(const std::string& method, const std::string& url, const std::string& body) {
        HttpRequest one;
        one.method = method;
        one.url = url_of(url);
        one.body = engine::make_text(body);
        one.timeout = patience;
        return request(std::move(one));
    }

    void open(engine::SocketId id, const std::string& url, std::chrono::milliseconds timeout = patience) {
        SocketEvents events;
        events.opened = [this] { records.add({"opened", "", {}, 0}); };
        events.failed = [this](NetError error) { records.add({"failed", error.message, error.failure, 0}); };
        events.frame = [this](std::string text) {
            records.add({"frame", std::move(text), {}, 0});
            return go_on_reading.load();
        };
        events.closed = [this](std::uint16_t code, std::string reason) {
            records.add({"closed", std::move(reason), {}, code});
        };
        network.post([this, id, url = url_of(url), timeout, events = std::move(events)] {
            network.open_socket(id, url, timeout, events);
        });
    }
    // The first record of this kind, or one with what == "" after waiting too long.
    SocketRecord wait_for(const std::string& what) {
        SocketRecord found;
        records.wait([&](const std::vector<SocketRecord>& all) {
            for (const SocketRecord& record : all)
                if (record.what == what) return found = record, true;
            return false;
        });
        return found;
    }

    Collector<SocketRecord> records;
    std::atomic<bool> go_on_reading{true};
    Network network;
};

} // namespace fhirscope::runtime::test
