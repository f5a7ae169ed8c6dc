#pragma once
// A server without sockets, in virtual time: requests and frames go straight to its rules.

#include "fhir/json.hpp"
#include "server/world.hpp"

#include <rapidjson/pointer.h>

#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

// The text at a JSON pointer: strings unquoted, other values as JSON, "" where there is nothing.
inline std::string at(std::string_view json, const char* pointer) {
    auto document = fhir::parse_json(json);
    if (!document) return "(not JSON)";
    const auto* value = rapidjson::Pointer(pointer).Get(*document);
    if (!value) return {};
    return value->IsString() ? std::string(value->GetString(), value->GetStringLength()) : fhir::to_text(*value);
}

inline std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto found = text.find(what); found != std::string_view::npos; found = text.find(what, found + what.size()))
        ++n;
    return n;
}

// As 5.0.10; what 5.1.26 does otherwise is tested in behaviour_test.cpp.
inline ServerOptions empty_server() {
    ServerOptions options;
    options.behaviour = Behaviour::Medplum50;
    options.client_id = "0b1c0000-0000-4000-8000-000000000001";
    options.client_secret = "not-a-real-secret";
    options.patients = options.tasks = 0;
    options.rate = 0;
    return options;
}

class Bench {
public:
    explicit Bench(const ServerOptions& options = empty_server())
        : world(options, base, "ws://sim.test/ws/subscriptions-r4", [this] { return now; }) {
        token = log_in();
    }

    static constexpr const char* base = "http://sim.test/";

    std::string log_in() {
        return at(form("grant_type=client_credentials&client_id=0b1c0000-0000-4000-8000-000000000001"
                       "&client_secret=not-a-real-secret")
                      .body,
                  "/access_token");
    }
    Response form(std::string_view body, Headers headers = {}) {
        headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        return world.api.handle({"POST", "/oauth2/token", std::move(headers), std::string(body), "127.0.0.1"});
    }
    // With a token, under the FHIR base.
    Response call(std::string method, std::string_view target, std::string_view body = {}, Headers headers = {}) {
        headers.emplace_back("Authorization", "Bearer " + token);
        if (!body.empty())
            headers.emplace_back("Content-Type",
                                 method == "PATCH" ? "application/json-patch+json" : "application/fhir+json");
        return world.api.handle(
            {std::move(method), "/fhir/R4/" + std::string(target), std::move(headers), std::string(body), "127.0.0.1"});
    }
    Response get(std::string_view target) { return call("GET", target); }

    std::string create(std::string_view type, std::string_view body) {
        return at(call("POST", type, body).body, "/id");
    }
    std::string create_task(std::string_view status = "requested") {
        return create("Task", R"({"resourceType":"Task","intent":"order","code":{"text":"Call back"},"status":")" +
                                  std::string(status) + "\"}");
    }
    std::string create_patient(std::string_view family = "Testperson") {
        return create("Patient", R"({"resourceType":"Patient","name":[{"family":")" + std::string(family) +
                                     R"(","given":["Synthetic"]}]})");
    }

    // Creates a Subscription and gives its id.
    std::string subscribe(std::string_view criteria, std::string_view more = {}) {
        return create("Subscription",
                      R"({"resourceType":"Subscription","status":"active","reason":"test","criteria":)" +
                          fhir::quote(criteria) + R"(,"channel":{"type":"websocket"})" + std::string(more) + "}");
    }
    std::string binding_token(const std::string& subscription) {
        return at(get("Subscription/" + subscription + "/$get-ws-binding-token").body, "/parameter/0/valueString");
    }
    // What the socket `connection` gets in answer.
    std::vector<std::string> say(ConnectionId connection, std::string_view frame) {
        return world.hub.receive(connection, frame, now).frames;
    }
    std::vector<std::string> bind(ConnectionId connection, const std::string& binding) {
        return say(connection, R"({"type":"bind-with-token","payload":{"token":")" + binding + "\"}}");
    }
    // Creates, gets a token and binds; gives the Subscription's id.
    std::string listen(ConnectionId connection, std::string_view criteria, std::string_view more = {}) {
        auto id = subscribe(criteria, more);
        bind(connection, binding_token(id));
        return id;
    }
    // Collects every event that commits from now on lead to.
    void collect_events() {
        world.store.on_commit([this](const Commit& commit) {
            for (const auto& subscription : world.hub.matching(commit, now))
                for (auto& frame : world.hub.event(subscription, commit, now)) events.push_back(std::move(frame));
        });
    }
    void pass(std::chrono::milliseconds time) { now += time; }

    ServerTime now{std::chrono::milliseconds(1'770'719'400'123)}; // 2026-02-10T10:30:00.123Z
    World world;
    std::string token;
    std::vector<Frame> events;
};

inline constexpr const char* issue_code = "/issue/0/code";
inline constexpr const char* issue_text = "/issue/0/details/text";

} // namespace fhirscope::server
