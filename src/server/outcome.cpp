#include "server/outcome.hpp"

#include "fhir/json_writer.hpp"

namespace fhirscope::server::outcomes {

namespace {

struct More {
    std::string_view expression = {}, diagnostics = {}; // "" for none
};

OutcomeReply make(int status, std::string_view id, std::string_view severity, std::string_view code,
                  std::string_view details, More more = {}) {
    fhir::JsonWriter json;
    json.object().member("resourceType", "OperationOutcome");
    if (!id.empty()) json.member("id", id);
    json.array("issue").object().member("severity", severity).member("code", code);
    json.object("details").member("text", details).end();
    if (!more.expression.empty()) json.array("expression").value(more.expression).end();
    if (!more.diagnostics.empty()) json.member("diagnostics", more.diagnostics);
    json.end().end().end();
    return {status, json.take()};
}

} // namespace

OutcomeReply ok() { return make(200, "ok", "information", "informational", "All OK"); }
OutcomeReply created() { return make(201, "created", "information", "informational", "Created"); }
OutcomeReply bad_request(std::string_view text) { return make(400, "", "error", "invalid", text); }

OutcomeReply structure(std::string_view text, std::string_view expression) {
    return make(400, "", "error", "structure", text, {.expression = expression});
}

OutcomeReply unauthorized() { return make(401, "unauthorized", "error", "login", "Unauthorized"); }
OutcomeReply forbidden() { return make(403, "forbidden", "error", "forbidden", "Forbidden"); }
OutcomeReply not_found() { return make(404, "not-found", "error", "not-found", "Not found"); }

OutcomeReply conflict() {
    return {409, R"({"resourceType":"OperationOutcome","id":"conflict","issue":[{"severity":"error","code":"conflict",)"
                 R"("details":{"coding":[{"code":"40001"}],)"
                 R"("text":"could not serialize access due to concurrent update"}}]})"};
}

OutcomeReply gone(std::string_view text) { return make(410, "gone", "error", "deleted", text); }

OutcomeReply precondition_failed() {
    return make(412, "precondition-failed", "error", "processing", "Precondition Failed");
}

OutcomeReply multiple_matches() {
    return make(412, "multiple-matches", "error", "multiple-matches", "Multiple resources found matching condition");
}

OutcomeReply content_too_large() {
    return make(413, "content-too-large", "error", "too-long", "Request body too large");
}

OutcomeReply too_many_requests(std::string_view diagnostics) {
    return make(429, "too-many-requests", "error", "throttled", "Too Many Requests", {.diagnostics = diagnostics});
}

OutcomeReply server_error(std::string_view text) { return make(500, "", "error", "exception", text); }

OutcomeReply of_status(int status) {
    switch (status) {
        case 401:
            return unauthorized();
        case 403:
            return forbidden();
        case 404:
            return not_found();
        case 409:
            return conflict();
        case 410:
            return gone();
        case 412:
            return precondition_failed();
        case 429:
            return too_many_requests(R"({"_remainingPoints":0,"_msBeforeNext":1000,"_consumedPoints":1,)"
                                     R"("_isFirstInDuration":false,"limit":0})");
        case 504:
            return make(504, "server-timeout", "error", "timeout", "Server timeout");
        default:
            break;
    }
    if (status >= 400 && status < 500) {
        auto reply = bad_request("Bad request");
        reply.status = status;
        return reply;
    }
    auto reply = server_error();
    reply.status = status;
    return reply;
}

} // namespace fhirscope::server::outcomes
