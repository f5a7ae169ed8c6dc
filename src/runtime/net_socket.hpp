#pragma once
// WebSockets. Part of the network; nothing above includes it.

#include "runtime/net_core.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include <deque>
#include <map>
#include <optional>

namespace fhirscope::runtime::net {

namespace http = beast::http;
namespace websocket = beast::websocket;

constexpr std::chrono::seconds closing_time{3};              // for the server's answer to a close frame
constexpr std::size_t max_upgrade_answer_bytes = 256u << 10; // with all that is around its content

class Socket final : public Abortable, public std::enable_shared_from_this<Socket> {
public:
    Socket(Core& core, bool secure, SocketEvents events)
        : core_(core),
          events_(std::move(events)),
          ws_(core.io.get_executor(), core.tls_if(secure)),
          pause_(core.io, Deadline::max()) {}

    // Opens, then reads until the end. Keeps itself alive meanwhile.
    awaitable<void> run(Url url, std::chrono::milliseconds timeout) {
        const auto self = shared_from_this();
        const Registered registered(core_, *this);
        const auto opened = co_await open(url, std::chrono::steady_clock::now() + timeout);
        if (core_.stopping || given_up_) {
            abort();
            co_return;
        }
        if (!opened) {
            events_.failed(opened.error());
            co_return;
        }
        open_ = true;
        events_.opened();
        co_await read();
    }

    void send(std::string text) {
        if (!open_) return;
        unsent_bytes_ += text.size();
        if (unsent_bytes_ > core_.options.max_unsent_bytes) {
            report_closed(1006, "more than " + std::to_string(core_.options.max_unsent_bytes >> 10) +
                                    " kB waited to be sent: the server does not read");
            return abort();
        }
        unsent_.push_back(std::move(text));
        if (unsent_.size() == 1) asio::co_spawn(core_.io, write(shared_from_this()), asio::detached);
    }

    void close(std::uint16_t code, std::string reason) {
        given_up_ = true;
        if (!open_) return abort();
        report_closed(code, reason);
        const bool sendable = code >= 1000 && code != 1004 && code != 1005 && code != 1006 && code != 1015;
        if (!sendable) return abort();
        asio::co_spawn(core_.io, say_goodbye(shared_from_this(), code, std::move(reason)), asio::detached);
        pause_.cancel();
    }

    void resume() { pause_.cancel(); }

    void abort() override {
        ws_.next_layer().close();
        pause_.cancel();
    }

private:
    awaitable<NetResult<void>> open(const Url& url, Deadline deadline) {
        const auto connected = co_await connect(core_, ws_.next_layer(), url, deadline);
        if (!connected) co_return connected;
        ws_.next_layer().expires_never(); // the WebSocket has a timer of its own
        websocket::stream_base::timeout limits{deadline - std::chrono::steady_clock::now(),
                                               websocket::stream_base::none(), false};
        ws_.set_option(limits);
        ws_.set_option(websocket::stream_base::decorator(
            [](websocket::request_type& request) { request.set(http::field::user_agent, "fhirscope"); }));
        ws_.read_message_max(core_.options.max_frame_bytes); // of what was decompressed, too
        // Taken where the server offers it. What we send is short and holds tokens: it is never compressed.
        websocket::permessage_deflate compression;
        compression.client_enable = true;
        compression.client_no_context_takeover = true;
        compression.msg_size_threshold = SIZE_MAX;
        ws_.set_option(compression);
        ws_.auto_fragment(false);
        ws_.text(true);
        ws_.next_layer().allow(max_upgrade_answer_bytes);
        websocket::response_type answer;
        const auto [error] = co_await ws_.async_handshake(answer, url.authority(), url.target, awaiting);
        if (error) co_return tl::unexpected(upgrade_error(url, error, answer));
        ws_.next_layer().allow(Stream::unlimited);
        limits.handshake_timeout = closing_time;
        ws_.set_option(limits);
        co_return NetResult<void>();
    }

    static NetError upgrade_error(const Url& url, const error_code& error, const websocket::response_type& answer) {
        const std::string at = url.text();
        if (error == websocket::error::upgrade_declined) {
            const auto reason = answer.reason();
            std::string message = "HTTP " + std::to_string(answer.result_int()) + " " +
                                  std::string(reason.data(), reason.size()) + ": " + at +
                                  " refused to become a WebSocket.";
            if (const auto to = answer[http::field::location]; !to.empty())
                message += " It names " + std::string(to.data(), to.size()) + " instead.";
            return {Failure::UpgradeRefused, message};
        }
        if (error == beast::error::timeout) return timed_out(url, "opening the WebSocket");
        if (error == asio::error::message_size)
            return {Failure::TooLarge, at + ": the answer to the opening of the WebSocket is larger than " +
                                           std::to_string(max_upgrade_answer_bytes >> 10) + " kB."};
        if (is_close(error))
            return {Failure::ClosedEarly, at + ": the server closed the connection instead of opening the WebSocket."};
        return {Failure::Protocol, at + " does not answer as a WebSocket server (" + error.message() + ")."};
    }

    awaitable<void> read() {
        for (;;) {
            const auto [error, size] = co_await ws_.async_read(buffer_, awaiting);
            static_cast<void>(size);
            if (core_.stopping) co_return;
            if (error) {
                ended(error);
                co_return;
            }
            if (given_up_ || reported_) {
                buffer_.clear();
                continue;
            }
            const auto data = buffer_.cdata();
            std::string text(static_cast<const char*>(data.data()), data.size());
            buffer_.clear();
            if (!events_.frame(std::move(text))) co_await pause_.async_wait(awaiting);
        }
    }

    static awaitable<void> write(std::shared_ptr<Socket> self) {
        while (!self->unsent_.empty()) {
            const auto [error, size] = co_await self->ws_.async_write(asio::buffer(self->unsent_.front()), awaiting);
            static_cast<void>(size);
            self->unsent_bytes_ -= self->unsent_.front().size();
            runtime::wipe(self->unsent_.front()); // it may hold a binding token
            self->unsent_.pop_front();
            if (error) co_return; // the read ends with it, and reports
        }
    }

    static awaitable<void> say_goodbye(std::shared_ptr<Socket> self, std::uint16_t code, std::string reason) {
        const Registered registered(self->core_, *self);
        // A close frame carries at most 123 bytes of reason.
        const websocket::close_reason why(static_cast<websocket::close_code>(code),
                                          beast::string_view(reason).substr(0, 123));
        co_await self->ws_.async_close(why, awaiting);
        self->abort();
    }

    void ended(const error_code& error) {
        const std::size_t megabytes = core_.options.max_frame_bytes >> 20;
        if (error == websocket::error::closed) {
            const auto& why = ws_.reason();
            report_closed(why.code, std::string(why.reason.data(), why.reason.size()));
        } else if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
            report_closed(1009, "the server sent a frame larger than " +
                                    (megabytes ? std::to_string(megabytes) + " MB"
                                               : std::to_string(core_.options.max_frame_bytes) + " bytes"));
        } else if (error == websocket::error::bad_frame_payload) {
            report_closed(1007, "the server sent text that is not UTF-8");
        } else if (is_close(error)) {
            report_closed(1006, "the connection ended without a close frame");
        } else if (error.category() == websocket::make_error_code(websocket::error::closed).category()) {
            report_closed(1002, "the server broke the WebSocket protocol: " + error.message());
        } else {
            report_closed(1006, error.message());
        }
        abort();
    }

    void report_closed(std::uint16_t code, const std::string& reason) {
        open_ = false;
        if (std::exchange(reported_, true)) return;
        events_.closed(code, reason);
    }

    Core& core_;
    SocketEvents events_;
    websocket::stream<Stream, true> ws_; // Medplum does not compress, others do
    Timer pause_;                        // cancelled to go on reading
    beast::flat_buffer buffer_;
    std::deque<std::string> unsent_; // the first is being written
    std::size_t unsent_bytes_ = 0;
    bool open_ = false, reported_ = false, given_up_ = false;
};

class Sockets {
public:
    explicit Sockets(Core& core) : core_(core) {}

    void open(engine::SocketId id, Url url, std::chrono::milliseconds timeout, SocketEvents events) {
        std::erase_if(sockets_, [](const auto& entry) { return entry.second.expired(); });
        const auto socket = std::make_shared<Socket>(core_, url.secure(), std::move(events));
        sockets_[id] = socket;
        asio::co_spawn(core_.io, socket->run(std::move(url), timeout), asio::detached);
    }

    void send(engine::SocketId id, std::string text) {
        if (const auto socket = find(id)) socket->send(std::move(text));
    }

    void close(engine::SocketId id, std::uint16_t code, std::string reason) {
        if (const auto socket = find(id)) socket->close(code, std::move(reason));
        sockets_.erase(id);
    }

    void resume() {
        for (const auto& [id, weak] : sockets_)
            if (const auto socket = weak.lock()) socket->resume();
    }

private:
    std::shared_ptr<Socket> find(engine::SocketId id) const {
        const auto found = sockets_.find(id);
        return found == sockets_.end() ? nullptr : found->second.lock();
    }

    Core& core_;
    std::map<engine::SocketId, std::weak_ptr<Socket>> sockets_; // each is kept by its own run()
};

} // namespace fhirscope::runtime::net
