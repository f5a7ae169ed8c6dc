// From a commit in the embedded server to the engine having applied it, over loopback; beside a bare Beast WebSocket
// echo of a frame of the same size, one way (half of its round trip).

#include "bench.hpp"
#include "engine/engine.hpp"
#include "runtime/runtime.hpp"
#include "server/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace fhirscope::bench {
namespace {

using Micros = std::vector<double>;
constexpr int updates = 2'000;

double percentile(Micros values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

double micros_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

Micros echo_one_way(std::size_t size) {
    namespace beast = boost::beast;
    using boost::asio::ip::tcp;
    boost::asio::io_context io;
    tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
    const auto endpoint = acceptor.local_endpoint();
    std::thread server([&] {
        beast::websocket::stream<tcp::socket> ws(acceptor.accept());
        ws.next_layer().set_option(tcp::no_delay(true));
        ws.accept();
        beast::error_code error;
        for (;;) {
            beast::flat_buffer buffer;
            ws.read(buffer, error);
            if (error) return;
            ws.write(buffer.data(), error);
        }
    });
    Micros result;
    {
        boost::asio::io_context client_io;
        beast::websocket::stream<tcp::socket> ws(client_io);
        ws.next_layer().connect(endpoint);
        ws.next_layer().set_option(tcp::no_delay(true));
        ws.handshake("127.0.0.1", "/");
        const std::string text(size, 'x');
        for (int i = 0; i < updates; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            ws.write(boost::asio::buffer(text));
            beast::flat_buffer buffer;
            ws.read(buffer);
            result.push_back(micros_since(begin) / 2);
        }
        beast::error_code ignored;
        ws.close(beast::websocket::close_code::normal, ignored);
    }
    server.join();
    return result;
}

} // namespace

Figure end_to_end() {
    server::ServerOptions options;
    options.patients = 10;
    options.tasks = 10;
    options.rate = 0;
    server::EmbeddedServer server(options);
    if (auto started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().message.c_str());
        std::exit(1);
    }
    runtime::RuntimeOptions run;
    run.connection.base_url = server.base_url();
    run.connection.client_id = server.client_id();
    run.connection.client_secret = runtime::make_secret(server.client_secret());
    run.engine.subscriptions = {{"Patients", "Patient"}, {"Tasks", "Task"}, {"Alerts", "Basic"}};
    // The tap sees the Drain just before it is stepped; the stages' own time is added below.
    std::atomic<std::int64_t> applied_at{0};
    run.loop.on_input = [&](const engine::Input& input) {
        if (std::holds_alternative<engine::Drain>(input.body))
            applied_at.store(std::chrono::steady_clock::now().time_since_epoch().count());
    };
    runtime::Runtime runtime(std::move(run));
    if (auto started = runtime.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().message.c_str());
        std::exit(1);
    }
    const auto live = [](const engine::Snapshot& s) { return s.connection.phase == engine::Phase::Live; };
    if (!runtime.run_until(live, std::chrono::seconds(10))) {
        std::fprintf(stderr, "not live within 10 s\n");
        std::exit(1);
    }
    Micros times;
    std::size_t frame_size = 0;
    for (int i = 0; i < updates; ++i) {
        const std::int64_t before = applied_at.load();
        const auto begin = std::chrono::steady_clock::now();
        server.work(1);
        while (applied_at.load() == before)       // busy: a sleeping waiter would measure the scheduler
            if (micros_since(begin) > 1e6) break; // a change that no subscription is told of
        const auto at = std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(applied_at.load()));
        if (at > begin) times.push_back(std::chrono::duration<double, std::micro>(at - begin).count());
    }
    runtime.stop();
    const auto snapshot = runtime.snapshot();
    for (auto n = snapshot->frames.first(); n < snapshot->frames.end(); ++n)
        if (snapshot->frames[n].kind == engine::FrameKind::Event)
            frame_size = std::max<std::size_t>(frame_size, snapshot->frames[n].size);
    server.stop();
    double stages = 0; // µs, mean of all that was measured
    for (const auto& stage : snapshot->metrics.stages) stages += stage.mean() / 1e3;
    const Micros echo = echo_one_way(frame_size);

    Figure figure;
    figure.name = "end-to-end";
    figure.unit = "µs, p50";
    figure.figure = percentile(times, 0.5) + stages;
    figure.reference = percentile(echo, 0.5);
    figure.reference_is = "bare Beast echo, one way";
    figure.ratio = figure.figure / figure.reference;
    figure.parts = {{"updates measured", static_cast<double>(times.size())},
                    {"commit to applied, p99 µs", percentile(times, 0.99) + stages},
                    {"of it the five stages, mean µs", stages},
                    {"echo one way, p99 µs", percentile(echo, 0.99)},
                    {"frame bytes", static_cast<double>(frame_size)}};
    return figure;
}

} // namespace fhirscope::bench
