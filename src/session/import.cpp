#include "session/import.hpp"

#include "fhir/binding_token.hpp"
#include "fhir/json.hpp"
#include "fhir/time.hpp"
#include "files/regular_file.hpp"
#include "session/line_secrets.hpp"
#include "session/redact.hpp"
#include "session/transcript_server.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

namespace fhirscope::session {

namespace {

// The largest answer that the client itself takes (64 MB), and what stands around it in its line.
constexpr std::size_t longest_line = 65u << 20;
constexpr fhir::Limits line_limits{longest_line, 128, 65'536};
// Read line by line; nobody looks at more than that.
constexpr std::uint64_t largest_transcript = std::uint64_t{4} << 30;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr const char* unknown_server = "http://unknown.invalid/";

// JSON text without the white space between its parts; the digits of numbers and the order of members stay as they are.
std::string compact(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            out += c;
            if (c == '\\' && i + 1 < json.size()) out += json[++i];
            in_string = c != '"';
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            out += c;
            in_string = c == '"';
        }
    }
    return out;
}

// A high surrogate without its low one, or the other way round, as some servers and programs cut text: JSON all the
// same, and no Unicode. It becomes what stands for a character that cannot be read.
std::string without_lone_surrogates(std::string_view json) {
    std::string out(json);
    const auto unit = [&](std::size_t at) -> unsigned {
        if (at + 6 > out.size() || out[at] != '\\' || out[at + 1] != 'u') return 0;
        unsigned value = 0;
        const auto [end, error] = std::from_chars(out.data() + at + 2, out.data() + at + 6, value, 16);
        return error == std::errc{} && end == out.data() + at + 6 ? value : 0;
    };
    const auto is_high = [](unsigned u) { return u >= 0xD800 && u < 0xDC00; };
    const auto is_low = [](unsigned u) { return u >= 0xDC00 && u < 0xE000; };
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
        if (out[i] != '\\') continue;
        const unsigned one = unit(i);
        if (is_high(one) && is_low(unit(i + 6)))
            i += 11;
        else if (is_high(one) || is_low(one))
            out.replace(i, 6, "\\uFFFD"), i += 5;
        else
            ++i; // what it escapes
    }
    return out;
}

struct Line {
    rapidjson::Document json;
    engine::Text body; // null when there is none
    LocalTime at;

    std::string_view string(const char* member) const { return fhir::string_at(json, member); }
    std::optional<double> number_at(const char* member) const {
        const auto it = json.FindMember(member);
        if (it == json.MemberEnd() || !it->value.IsNumber()) return std::nullopt;
        return it->value.GetDouble();
    }
};

struct OpenRequest {
    std::string method, url;
    LocalTime at;
    engine::Text body;
};

class TranscriptImport {
public:
    TranscriptImport(const ImportOptions& options, engine::Engine& engine,
                     const std::function<void(const engine::Input&)>& sink)
        : options_(options), engine_(engine), sink_(sink) {}

    // Twice through the file: a token is often repeated before the line that names it as one.
    Result<Imported> run(const std::string& path) {
        const auto all = each_line(path, 0, [this](Line& line) { return follow_secrets(line); });
        if (!all) return tl::unexpected(all.error());
        const auto lines = each_line(path, *all, [this](Line& line) { return take(line); });
        if (!lines) return tl::unexpected(lines.error());
        if (!started_ && first_bad_) return tl::unexpected(*first_bad_);
        if (!started_)
            return fail(ErrorCode::Transcript, path + " holds no traffic. A transcript has one JSON object a line.");
        drain();
        Imported imported{lines_, inputs_, redactor_.replaced(), engine_.state_hash()};
        imported.left_out = left_out_;
        imported.first_left_out = first_left_out_;
        return imported;
    }

private:
    using Done = Result<void>;

    static tl::unexpected<Error> refused(const std::string& path, std::uint64_t line, const Error& reason) {
        return fail(ErrorCode::Transcript,
                    path + ", line " + std::to_string(line) + ": " + reason.message +
                        " Nothing was imported; see docs/session-format.md for what a line must hold.");
    }

    static tl::unexpected<Error> bad(std::string message) { return fail(ErrorCode::Transcript, std::move(message)); }

    // Gives the bytes of the file. `before`: those of an earlier pass, with which this one is the second half.
    Result<std::uint64_t> each_line(const std::string& path, std::uint64_t before,
                                    const std::function<Done(Line&)>& visit) {
        auto file = files::RegularFile::open(path, largest_transcript);
        if (!file)
            return fail(file.error().code == ErrorCode::Missing ? ErrorCode::Missing : ErrorCode::Unreadable,
                        file.error().message);
        files::LineReader lines(std::move(*file), longest_line); // not split at U+2028, which strings may hold
        for (lines_ = 0;; ++lines_) {
            const auto next = lines.next();
            if (!next && next.error().code == ErrorCode::LineTooLong) return refused(path, lines_ + 1, next.error());
            if (!next) return fail(ErrorCode::Unreadable, next.error().message);
            if (*next == files::LineReader::Next::End) return lines.taken();
            if (options_.go_on && !options_.go_on((before + lines.taken()) / 2))
                return fail(ErrorCode::Cancelled, path + " was not read to its end.");
            std::string_view text = lines.line();
            if (lines_ == 0 && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
            if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
            auto line = read_line(text);
            const auto done = line ? visit(*line) : Done(tl::unexpected(line.error()));
            if (done) continue;
            if (secrets_lost_) return refused(path, lines_ + 1, done.error());
            // A recorder that was killed leaves half a line, and a program that it did not understand leaves others:
            // what can be read is of use without them. Both passes meet what cannot be read; it is counted once.
            if (before == 0) continue;
            ++left_out_;
            if (first_bad_) continue;
            first_bad_ = refused(path, lines_ + 1, done.error()).value();
            first_left_out_ = "line " + std::to_string(lines_ + 1) + ": " + done.error().message;
        }
    }

    Result<Line> read_line(std::string_view text) {
        auto json = fhir::parse_json(text, line_limits);
        std::string mended;
        if (!json && text.find("\\u") != std::string_view::npos) {
            mended = without_lone_surrogates(text);
            if (auto again = fhir::parse_json(mended, line_limits)) {
                json = std::move(again);
                text = mended;
            }
        }
        if (!json) return bad("not JSON (" + json.error().message + ").");
        if (!json->IsObject()) return bad("not a JSON object.");
        Line line{std::move(*json), nullptr, {}};
        const auto time = fhir::parse_instant(line.string("t"));
        if (!time) return bad("\"t\" is missing or not a time like 2026-02-10T10:30:15.123Z.");
        line.at = std::max(LocalTime(time->time_since_epoch()), last_at_);
        if (auto read = read_body(line, text); !read) return tl::unexpected(read.error());
        return line;
    }

    Done take(Line& line) {
        const std::string_view dir = line.string("dir");
        if (dir == "note") return {};
        if (dir == "http-request") return http_request(line);
        if (dir == "http-response") return http_response(line);
        if (dir == "ws-open") return socket_open(line);
        if (dir == "ws-close") return socket_close(line);
        if (dir == "ws-recv" || dir == "ws-send") return frame(line, dir == "ws-recv");
        return bad("\"dir\" is missing or \"" + std::string(dir) +
                   "\", which is none of http-request, http-response, ws-open, " + "ws-send, ws-recv, ws-close, note.");
    }

    Done follow_secrets(const Line& line) {
        server_.see(line.json);
        bool all = true;
        each_secret_used(line.json, [&](std::string_view secret) { all &= redactor_.tell(secret); });
        if (line.body) redactor_.learn(*line.body);
        if (all && !redactor_.has_lost_any()) return {};
        secrets_lost_ = true;
        return bad("more than " + std::to_string(SecretFinder::max_values) +
                   " different tokens, or one that is too long, cannot be kept out of what is written.");
    }

    // The body as it went over the wire: the very text of the JSON value, or the string where it was not JSON.
    Done read_body(Line& line, std::string_view text) {
        const auto body = line.json.FindMember("body");
        if (body == line.json.MemberEnd() || body->value.IsNull()) return {};
        if (body->value.IsString()) {
            line.body = engine::make_text({body->value.GetString(), body->value.GetStringLength()});
            return {};
        }
        const auto scanned = fhir::parse_resource(text, line_limits);
        if (!scanned) return bad("not readable (" + scanned.error().message + ").");
        line.body = engine::make_text(compact((*scanned)->member("body").value_or("")));
        return {};
    }

    Done need_url(const Line& line) {
        if (line.string("url").empty()) return bad("\"url\" is missing.");
        if (server_.base_url().empty()) return bad("\"url\" is not absolute in any line, so the server is unknown.");
        start(line);
        return {};
    }

    void start(const Line& line) {
        if (std::exchange(started_, true)) return;
        engine::Config config;
        config.mode = engine::Mode::Observe;
        config.base_url = server_.base_url();
        if (config.base_url.empty()) config.base_url = unknown_server; // frames alone
        config.fhir_path = server_.fhir_path();
        config.dialect.dialect = server_.dialect();
        config.panels = options_.panels;
        config.store.max_resource_bytes = options_.resource_bytes;
        feed(line.at, engine::Start{std::move(config)});
    }

    // "etag", in whichever letters the recorder wrote it.
    static std::string header(const Line& line, std::string_view wanted) {
        const auto headers = line.json.FindMember("headers");
        if (headers == line.json.MemberEnd() || !headers->value.IsObject()) return {};
        for (const auto& one : headers->value.GetObject()) {
            const std::string_view name(one.name.GetString(), one.name.GetStringLength());
            const bool same = std::ranges::equal(name, wanted, [](char a, char b) { return (a | 0x20) == b; });
            if (same && one.value.IsString()) return {one.value.GetString(), one.value.GetStringLength()};
        }
        return {};
    }

    Done http_request(const Line& line) {
        if (line.string("method").empty()) return bad("\"method\" is missing.");
        if (auto url = need_url(line); !url) return url;
        requests_.push_back({std::string(line.string("method")), std::string(line.string("url")), line.at, line.body});
        return {};
    }

    Done http_response(const Line& line) {
        if (line.string("method").empty()) return bad("\"method\" is missing.");
        const auto status = line.number_at("status");
        if (!status || *status < 100 || *status > 999) return bad("\"status\" is missing or no HTTP status.");
        if (auto url = need_url(line); !url) return url;
        const auto took = std::chrono::microseconds(std::llround(line.number_at("ms").value_or(0) * 1000));
        const LocalTime asked = line.at - took;
        engine::Observed observed;
        observed.method = line.string("method");
        observed.url = line.string("url");
        observed.status = static_cast<std::uint16_t>(*status);
        observed.request_body = request_of(line, asked);
        observed.response_body = line.body;
        observed.asked = asked;
        observed.etag = header(line, "etag");
        observed.location = header(line, "location");
        observed.last_modified = header(line, "last-modified");
        if (line.body && observed.url.find("$get-ws-binding-token") != std::string::npos)
            observed.token_end = fhir::binding_end(*line.body);
        feed(line.at, std::move(observed));
        return {};
    }

    // Exchanges overlap: of the open requests with this method and URL it is the one sent `ms` before the answer.
    engine::Text request_of(const Line& response, LocalTime sent) {
        auto best = requests_.end();
        for (auto it = requests_.begin(); it != requests_.end(); ++it) {
            if (it->method != response.string("method") || it->url != response.string("url")) continue;
            if (best == requests_.end() || abs(it->at - sent) < abs(best->at - sent)) best = it;
        }
        if (best == requests_.end()) return nullptr;
        engine::Text body = std::move(best->body);
        requests_.erase(best);
        return body;
    }

    Done socket_open(const Line& line) {
        const std::string conn(line.string("conn"));
        if (conn.empty()) return bad("\"conn\" is missing.");
        if (auto url = need_url(line); !url) return url;
        // Opened again under the name that it had: it was lost meanwhile, and the capture does not say when.
        if (const auto lost = sockets_.find(conn); lost != sockets_.end())
            feed(line.at, engine::SocketClosed{lost->second, 1006, "opened again; its close was not captured"});
        open_socket(line, conn);
        return {};
    }

    engine::SocketId open_socket(const Line& line, const std::string& conn) {
        sockets_[conn] = ++last_socket_;
        feed(line.at, engine::SocketOpened{last_socket_});
        return last_socket_;
    }

    Done socket_close(const Line& line) {
        const std::string conn(line.string("conn"));
        if (conn.empty()) return bad("\"conn\" is missing.");
        auto open = sockets_.find(conn);
        if (!started_ && open == sockets_.end()) return bad("a socket closes before anything else happened.");
        if (open == sockets_.end()) { // never opened: the upgrade was refused
            const auto status = static_cast<int>(line.number_at("status").value_or(0));
            feed(line.at,
                 engine::SocketFailed{++last_socket_, engine::Failure::UpgradeRefused,
                                      status ? "HTTP " + std::to_string(status) : std::string(line.string("note"))});
            return {};
        }
        const double code = line.number_at("code").value_or(1006);
        if (code < 0 || code > 65'535) return bad("\"code\" is no close code.");
        feed(line.at,
             engine::SocketClosed{open->second, static_cast<std::uint16_t>(code), std::string(line.string("reason"))});
        sockets_.erase(open);
        return {};
    }

    Done frame(const Line& line, bool received) {
        const std::string conn(line.string("conn"));
        if (conn.empty()) return bad("\"conn\" is missing.");
        if (!line.body) return bad("\"body\" is missing.");
        start(line);
        // One that was open when the capture began is the rule where a browser records it.
        const auto known = sockets_.find(conn);
        const engine::SocketId socket = known == sockets_.end() ? open_socket(line, conn) : known->second;
        received ? feed(line.at, engine::Frame{socket, line.body})
                 : feed(line.at, engine::FrameSent{socket, line.body});
        return {};
    }

    // As the live runtime does: updates are taken from the queue when no other input waits, and what the engine asked
    // to be woken for comes at its time.
    void feed(LocalTime at, engine::InputBody body) {
        if (at > last_at_) drain();
        while (wake_ && *wake_ <= at) {
            const LocalTime woken = std::max(*wake_, last_at_);
            wake_.reset();
            step({woken, engine::Tick{}});
            if (wake_ && *wake_ <= woken) wake_ = woken + std::chrono::milliseconds(1);
            drain();
        }
        step({at, std::move(body)});
    }

    void drain() {
        while (engine_.wants_drain()) step({last_at_, engine::Drain{}});
    }

    void step(engine::Input input) {
        redactor_.apply(input);
        last_at_ = input.at;
        ++inputs_;
        sink_(input);
        for (const engine::Effect& effect : engine_.step(input))
            if (const auto* wake = std::get_if<engine::WakeAt>(&effect)) wake_ = wake->at;
    }

    const ImportOptions& options_;
    engine::Engine& engine_;
    const std::function<void(const engine::Input&)>& sink_;

    Redactor redactor_{Redactor::Follow::Secrets};
    TranscriptServer server_;
    bool started_ = false, secrets_lost_ = false;
    std::uint64_t left_out_ = 0; // lines
    std::optional<Error> first_bad_;
    std::string first_left_out_;
    LocalTime last_at_;
    std::optional<LocalTime> wake_;
    std::uint64_t lines_ = 0, inputs_ = 0;
    std::vector<OpenRequest> requests_;
    std::map<std::string, engine::SocketId, std::less<>> sockets_; // by conn, while open
    engine::SocketId last_socket_ = 0;
};

} // namespace

Result<Imported> import_transcript(const std::string& path, const ImportOptions& options, engine::Engine& engine,
                                   const std::function<void(const engine::Input&)>& sink) {
    return TranscriptImport(options, engine, sink).run(path);
}

Result<Imported> import_to_file(const std::string& path, const std::string& out, const ImportOptions& options) {
    auto recorder = Recorder::create(out, {.tool_version = options.tool_version,
                                           .server = "imported from " + path.substr(path.rfind('/') + 1),
                                           .created = options.created});
    if (!recorder) return tl::unexpected(recorder.error());

    engine::Engine engine;
    auto imported =
        import_transcript(path, options, engine, [&](const engine::Input& input) { (*recorder)->add(input); });
    if (!imported) {
        static_cast<void>((*recorder)->close({})); // the import's own error is the one that matters
        ::unlink(out.c_str());
        return imported;
    }
    const engine::SnapshotPtr last = engine.publish();
    if (auto closed = (*recorder)->close({imported->state_hash, last->metrics.counters, content_digest(*last)});
        !closed)
        return tl::unexpected(closed.error());
    return imported;
}

} // namespace fhirscope::session
