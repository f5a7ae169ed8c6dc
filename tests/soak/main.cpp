// A client for a long time, against a server that works and a network that breaks: nothing may be lost, and memory may
// not grow. Prints a line every ten seconds and the verdict as JSON; script/soak runs it.

#include "app/options.hpp"
#include "app/panels.hpp"
#include "runtime/runtime.hpp"
#include "support/same_as_server.hpp"
#include "ward_process.hpp"
#include "words/words.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fhirscope::soak {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using engine::Snapshot;

struct Options {
    double seconds = 1800, rate = 500, kill_every = 10, restart_every = 60, token_life = 45;
    std::size_t patients = 60, tasks = 240;
};

constexpr auto line_every = 10s;
constexpr auto away = 2s;            // how long a restart takes
constexpr auto quiet_timeout = 120s; // for what is still under way at the end
constexpr auto verify_timeout = 60s;

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

double resident_megabytes() {
    std::ifstream file("/proc/self/statm");
    std::uint64_t size = 0, resident = 0;
    file >> size >> resident;
    return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

runtime::RuntimeOptions client_of(const WardProcess& ward, std::vector<engine::PanelDefinition> panels) {
    runtime::RuntimeOptions options;
    options.connection.base_url = ward.base_url;
    options.connection.client_id = ward.client_id;
    options.connection.client_secret = runtime::make_secret(ward.client_secret);
    options.engine = app::config_for(std::move(panels));
    // A connection that is killed every ten seconds never counts as stable, so the back-off would grow to its limit of
    // 30 s and the client would be away for most of the time: a smaller limit makes more of every hour a test.
    options.engine.backoff_max = 3s;
    // The bounds of what is kept, small enough to be reached within minutes: after that, memory has to stay as it is.
    options.engine.store.max_history_bytes = 64u << 20;
    options.engine.update_rows = 65'536;
    options.engine.frame_bytes = 32u << 20;
    return options;
}

class Soak {
public:
    Soak(Options options, WardProcess& ward, runtime::Runtime& client)
        : options_(options), ward_(ward), client_(client) {}

    void run() {
        ward_.set_rate(options_.rate);
        const auto began = Clock::now();
        const auto end = began + milliseconds(options_.seconds);
        const auto kill_every = milliseconds(options_.kill_every), restart_every = milliseconds(options_.restart_every);
        auto next_line = began + line_every, next_kill = began + kill_every, next_restart = began + restart_every;
        auto back = Clock::time_point::max();
        for (auto now = began; now < end; now = Clock::now()) {
            if (now >= back) {
                ward_.up();
                back = Clock::time_point::max();
            } else if (now >= next_restart) {
                ward_.down();
                ++restarts_;
                back = now + away;
                next_restart += restart_every;
            } else if (now >= next_kill) {
                ward_.cut();
                ++kills_;
                next_kill += kill_every;
            } else if (now >= next_line) {
                line(now - began);
                next_line += line_every;
            }
            // Waits for time alone: the predicate never holds.
            const auto next = std::min({back, next_restart, next_kill, next_line, end});
            client_.run_until(
                [](const Snapshot&) { return false; },
                std::chrono::ceil<std::chrono::milliseconds>(std::max<Clock::duration>(next - Clock::now(), 1ms)));
        }
        ward_.up();
        ward_.set_rate(0);
        line(Clock::now() - began);
    }

    // Says what it came to; true when nothing was lost.
    bool verdict() {
        const bool quiet = client_.run_until(
            [](const Snapshot& s) {
                return s.connection.phase == engine::Phase::Live && s.queue_size == 0 && s.requests_open == 0;
            },
            quiet_timeout);
        const bool equal = quiet && verify();
        const auto last = client_.snapshot();
        const auto different = all_differences(*last);
        for (std::size_t i = 0; i < std::min<std::size_t>(different.size(), 20); ++i)
            std::fprintf(stderr, "differs: %s\n", different[i].c_str());
        if (!quiet)
            std::fprintf(stderr, "no quiet moment at the end: %s, %s\n",
                         std::string(engine::to_string(last->connection.phase)).c_str(),
                         words::text(last->connection.reason).c_str());
        const engine::Counters& c = last->metrics.counters;
        const std::uint64_t lost = different.size() + c.missed - std::min(c.missed, c.recovered + c.hidden);
        const auto& latency = last->metrics.all.end_to_end;
        std::string curve;
        for (const auto& [second, megabytes] : curve_)
            curve += fmt::format("{}[{},{:.1f}]", curve.empty() ? "" : ",", second, megabytes);
        fmt::print(
            R"({{"seconds":{},"rate":{},"commits":{},"updates":{},"applied":{},"superseded":{},"missed":{},"recovered":{},)"
            R"("never_seen":{},"hidden":{},"overflowed":{},"lost":{},"server_equal":{},"kills":{},"restarts":{},"reconnects":{},"deaf":{},)"
            R"("latency_ms":{{"p50":{:.1f},"p99":{:.1f}}},"rss_mb":{{"half":{:.1f},"end":{:.1f}}},"rss_curve":[{}]}})"
            "\n",
            options_.seconds, options_.rate, ward_.commits(), c.received, c.applied, c.superseded, c.missed,
            c.recovered, c.never_seen, c.hidden, c.overflowed, lost, equal, kills_, restarts_, c.reconnects, c.deaf,
            static_cast<double>(latency.percentile(0.5)) / 1000, static_cast<double>(latency.percentile(0.99)) / 1000,
            curve_.empty() ? 0 : curve_[curve_.size() / 2].second, curve_.empty() ? 0 : curve_.back().second, curve);
        return lost == 0 && equal;
    }

private:
    void line(Clock::duration since) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
        const auto s = client_.snapshot();
        const engine::Counters& c = s->metrics.counters;
        curve_.emplace_back(seconds, resident_megabytes());
        fmt::print(
            "{:5} s  updates {:8}  missed {:6}  recovered {:6}  never seen {:5}  reconnects {:4}  rss {:6.1f} MB "
            "(resources {:.1f}, history {:.1f}, updates {:.1f}, frames {:.1f})  {}\n",
            seconds, c.received, c.missed, c.recovered, c.never_seen, c.reconnects, curve_.back().second,
            megabytes(s->memory_resources), megabytes(s->memory_history), megabytes(s->memory_updates),
            megabytes(s->memory_frames), engine::to_string(s->connection.phase));
        std::fflush(stdout);
    }

    static double megabytes(std::size_t bytes) { return static_cast<double>(bytes) / 1e6; }

    // By the engine's own comparison.
    bool verify() {
        using State = engine::VerifyView::State;
        const LocalTime before = client_.snapshot()->verify.at;
        client_.send(engine::Verify{});
        const bool answered = client_.run_until(
            [&](const Snapshot& s) {
                return s.verify.at != before && s.verify.state != State::Running && s.verify.state != State::None;
            },
            verify_timeout);
        return answered && client_.snapshot()->verify.state == State::Equal;
    }

    // By the server's own list, of the types that are subscribed to.
    std::vector<std::string> all_differences(const Snapshot& snapshot) {
        const auto current = ward_.current();
        std::set<std::string> types;
        for (const auto& subscription : snapshot.subscriptions)
            types.insert(subscription.criteria.substr(0, subscription.criteria.find('?')));
        std::vector<std::string> all;
        for (const std::string& type : types) {
            std::vector<server::CurrentVersion> of_type;
            std::copy_if(current.begin(), current.end(), std::back_inserter(of_type),
                         [&](const auto& one) { return one.type == type; });
            for (std::string& one : tests::differences(snapshot, type, of_type)) all.push_back(std::move(one));
        }
        return all;
    }

    Options options_;
    WardProcess& ward_;
    runtime::Runtime& client_;
    std::uint64_t kills_ = 0, restarts_ = 0;
    std::vector<std::pair<std::int64_t, double>> curve_; // seconds, MB
};

int soak(const Options& options) {
    spdlog::set_level(spdlog::level::off);
    auto panels = app::load_panels({});
    if (!panels) throw std::runtime_error(panels.error().message);
    server::ServerOptions server;
    server.patients = options.patients;
    server.tasks = options.tasks;
    server.rate = 0;
    server.token_lifetime = server.binding_lifetime = milliseconds(options.token_life);
    WardProcess ward(server);
    runtime::Runtime client(client_of(ward, std::move(*panels)));
    if (const auto started = client.start(); !started) throw std::runtime_error(started.error().message);
    Soak one(options, ward, client);
    one.run();
    const bool fine = one.verdict();
    client.stop();
    return fine ? 0 : 1;
}

} // namespace

} // namespace fhirscope::soak

int main(int argc, char** argv) {
    fhirscope::soak::Options options;
    fhirscope::app::CommandLine program("fhirscope_soak", "A client under load and faults: 0 lost, or exit code 1");
    program.option("--seconds", &options.seconds, "Of load and faults").show_default();
    program.option("--rate", &options.rate, "Changes a second").show_default();
    program.option("--kill-every", &options.kill_every, "Seconds between resets of every connection").show_default();
    program.option("--restart-every", &options.restart_every, "Seconds between restarts of the server").show_default();
    program.option("--token-life", &options.token_life, "Seconds that access and binding tokens last").show_default();
    return static_cast<int>(program.main(argc, argv, [&options] {
        try {
            return static_cast<fhirscope::app::ExitCode>(fhirscope::soak::soak(options));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "fhirscope_soak: %s\n", error.what());
            return fhirscope::app::ExitCode::Failed;
        }
    }));
}
