#include "app/traffic_formats.hpp"

#include "diagnosis/report_parts.hpp"
#include "fhir/json.hpp"
#include "fhir/json_writer.hpp"

#include <array>
#include <utility>

namespace fhirscope::app {

namespace {

double milliseconds(LocalTime from, LocalTime to) { return static_cast<double>((to - from).count()) / 1000; }

// The JSON that a text is, else the text.
void write_body(fhir::JsonWriter& json, const std::string& text) {
    if (fhir::parse_json(text, {.max_bytes = text.size(), .max_members = text.size()}))
        json.raw("body", fhir::harmless_json(text));
    else
        json.member("body", text);
}

void write_headers(fhir::JsonWriter& json, const engine::HttpAnswer& answer) {
    const std::array<std::pair<const char*, const std::string*>, 7> headers{{{"content-type", &answer.content_type},
                                                                             {"etag", &answer.etag},
                                                                             {"location", &answer.location},
                                                                             {"last-modified", &answer.last_modified},
                                                                             {"date", &answer.date},
                                                                             {"ratelimit", &answer.rate_limit},
                                                                             {"retry-after", &answer.retry_after}}};
    json.array("headers");
    for (const auto& [name, value] : headers)
        if (!value->empty()) json.object().member("name", name).member("value", *value).end();
    json.end();
}

void write_request(fhir::JsonWriter& json, std::string_view method, const std::string& url, const std::string& type,
                   const engine::Text& body) {
    json.object("request").member("method", method).member("url", url).member("httpVersion", "HTTP/1.1");
    json.array("cookies").end().array("headers").end().array("queryString").end();
    if (body && !body->empty()) json.object("postData").member("mimeType", type).member("text", *body).end();
    json.member("headersSize", -1).member("bodySize", body ? static_cast<std::int64_t>(body->size()) : 0).end();
}

void write_times(fhir::JsonWriter& json, LocalTime from, LocalTime to) {
    json.object("timings").member("send", 0).decimal("wait", milliseconds(from, to), 3).member("receive", 0).end();
}

} // namespace

Result<void> HarWriter::begin() {
    fhir::JsonWriter creator;
    creator.object().member("name", "fhirscope").member("version", version()).end();
    return output_.write("{\"log\":{\"version\":\"1.2\",\"creator\":" + creator.take() + ",\"pages\":[],\"entries\":[");
}

Result<void> HarWriter::end() {
    for (auto& [id, socket] : sockets_)
        if (auto written = put(socket); !written) return written;
    sockets_.clear();
    return output_.write("\n]}}\n");
}

Result<void> HarWriter::put(const std::string& entry) { return output_.write((entries_++ > 0 ? ",\n" : "\n") + entry); }

Result<void> HarWriter::exchange(const Exchange& exchange) {
    const engine::HttpAnswer& answer = exchange.answer;
    fhir::JsonWriter json;
    json.object().member("startedDateTime", diagnosis::instant_text(exchange.asked));
    json.decimal("time", milliseconds(exchange.asked, exchange.answered), 3);
    write_request(json, exchange.method, exchange.url, exchange.request_type, exchange.request_body);
    json.object("response")
        .member("status", answer.status)
        .member("statusText", "")
        .member("httpVersion", "HTTP/1.1")
        .array("cookies")
        .end();
    write_headers(json, answer);
    const std::string none;
    const std::string& body = answer.body && answer.status != 0 ? *answer.body : none;
    json.object("content")
        .member("size", body.size())
        .member("mimeType", answer.content_type)
        .member("text", body)
        .end()
        .member("redirectURL", answer.location)
        .member("headersSize", -1)
        .member("bodySize", body.size());
    if (answer.status == 0 && answer.body) json.member("_error", *answer.body); // as browsers have it
    json.end().object("cache").end();
    write_times(json, exchange.asked, exchange.answered);
    json.member("_resourceType", "fetch").end();
    return put(json.take());
}

Result<void> HarWriter::socket_opened(engine::SocketId socket, const std::string& url, LocalTime at) {
    sockets_[socket] = {url, at, at, {}, 0};
    return {};
}

Result<void> HarWriter::frame(engine::SocketId id, bool outgoing, const std::string& text, LocalTime at) {
    Socket& socket = sockets_[id];
    if (socket.opened == LocalTime{}) socket.opened = at; // a capture that begins in the middle
    socket.last = at;
    fhir::JsonWriter json;
    json.object()
        .member("type", outgoing ? "send" : "receive")
        .decimal("time", static_cast<double>(at.time_since_epoch().count()) / 1e6, 6)
        .member("opcode", 1)
        .member("data", text)
        .end();
    socket.messages.push_back(json.take());
    socket.bytes += socket.messages.back().size();
    if (socket.bytes < most_bytes) return {};
    auto written = put(socket);
    socket = {socket.url, at, at, {}, 0};
    return written;
}

Result<void> HarWriter::socket_closed(engine::SocketId id, unsigned, const std::string&, LocalTime at) {
    const auto socket = sockets_.find(id);
    if (socket == sockets_.end()) return {};
    socket->second.last = at;
    auto written = put(socket->second);
    sockets_.erase(socket);
    return written;
}

Result<void> HarWriter::put(Socket& socket) {
    fhir::JsonWriter json;
    json.object().member("startedDateTime", diagnosis::instant_text(socket.opened));
    json.decimal("time", milliseconds(socket.opened, socket.last), 3);
    write_request(json, "GET", socket.url, "", nullptr);
    json.object("response")
        .member("status", 101)
        .member("statusText", "Switching Protocols")
        .member("httpVersion", "HTTP/1.1")
        .array("cookies")
        .end()
        .array("headers")
        .end();
    json.object("content").member("size", 0).member("mimeType", "x-unknown").end();
    json.member("redirectURL", "").member("headersSize", -1).member("bodySize", 0).end().object("cache").end();
    write_times(json, socket.opened, socket.last);
    json.member("_resourceType", "websocket").array("_webSocketMessages");
    for (const std::string& message : socket.messages) json.raw(message);
    json.end().end();
    return put(json.take());
}

Result<void> TranscriptWriter::put(std::string line) {
    ++lines_;
    return output_.write(line += '\n');
}

Result<void> TranscriptWriter::exchange(const Exchange& exchange) {
    if (exchange.answer.status == 0) return {}; // an answer that never came: a transcript has only exchanges
    const std::string at = diagnosis::instant_text(exchange.answered);
    fhir::JsonWriter request;
    request.object().member("t", at).member("dir", "http-request");
    request.member("method", exchange.method).member("url", exchange.url);
    if (exchange.request_body) write_body(request, *exchange.request_body);
    if (auto written = put(request.end().take()); !written) return written;
    fhir::JsonWriter answer;
    answer.object().member("t", at).member("dir", "http-response");
    answer.member("method", exchange.method).member("url", exchange.url).member("status", exchange.answer.status);
    answer.decimal("ms", milliseconds(exchange.asked, exchange.answered), 1);
    answer.object("headers");
    for (const auto& [name, value] :
         {std::pair("etag", &exchange.answer.etag), std::pair("location", &exchange.answer.location),
          std::pair("last-modified", &exchange.answer.last_modified)})
        if (!value->empty()) answer.member(name, *value);
    answer.end();
    if (exchange.answer.body) write_body(answer, *exchange.answer.body);
    return put(answer.end().take());
}

Result<void> TranscriptWriter::socket_opened(engine::SocketId socket, const std::string& url, LocalTime at) {
    fhir::JsonWriter json;
    json.object().member("t", diagnosis::instant_text(at)).member("dir", "ws-open");
    json.member("conn", std::to_string(socket)).member("url", url).end();
    return put(json.take());
}

Result<void> TranscriptWriter::frame(engine::SocketId socket, bool outgoing, const std::string& text, LocalTime at) {
    fhir::JsonWriter json;
    json.object().member("t", diagnosis::instant_text(at)).member("dir", outgoing ? "ws-send" : "ws-recv");
    json.member("conn", std::to_string(socket));
    write_body(json, text);
    return put(json.end().take());
}

Result<void> TranscriptWriter::socket_closed(engine::SocketId socket, unsigned code, const std::string& reason,
                                             LocalTime at) {
    fhir::JsonWriter json;
    json.object().member("t", diagnosis::instant_text(at)).member("dir", "ws-close");
    json.member("conn", std::to_string(socket)).member("code", code).member("reason", reason).end();
    return put(json.take());
}

} // namespace fhirscope::app
