// What a real Medplum 5.0.10 and a 5.1.26 answered, asked again of the embedded server: every request of a transcript
// that needs no second client, project or limit must get the same status, the same outcome and the same kind of
// headers.
#include "bench.hpp"
#include "support/paths.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <fstream>
#include <map>
#include <set>
#include <utility>

using namespace fhirscope;
using namespace fhirscope::server;

namespace {

constexpr std::string_view real_base = "http://127.0.0.1:8103";

using rapidjson::Document;
using rapidjson::Value;

struct Exchange {
    const Document& request;
    const Document& response;
};

std::vector<Document> read_records(Behaviour behaviour, const std::string& name) {
    const std::string folder = behaviour == Behaviour::Medplum50 ? "/medplum-5.0.10/" : "/medplum-5.1.26/";
    std::ifstream file(std::string(tests::fixtures) + folder + name + ".jsonl");
    std::vector<Document> records;
    for (std::string line; std::getline(file, line);) {
        auto record = fhir::parse_json(line, {.max_bytes = 64u << 20});
        REQUIRE(record);
        records.push_back(std::move(*record));
    }
    REQUIRE(records.size() > 50);
    return records;
}

std::string text_of(const Value& record, const char* name) {
    auto member = record.FindMember(name);
    if (member == record.MemberEnd()) return {};
    return member->value.IsString() ? member->value.GetString() : fhir::to_text(member->value);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// What only another client, project, limit or a feature that we do not have explains.
bool is_elsewhere(const Exchange& exchange) {
    auto authorization = fhir::string_at(exchange.request["headers"], "authorization");
    int status = exchange.response["status"].GetInt();
    bool other_client =
        authorization.starts_with("Bearer <access-token-") && authorization != "Bearer <access-token-1>";
    bool same_project = text_of(exchange.request, "url").ends_with("$get-ws-binding-token") && status == 200;
    if (other_client && !same_project) return status != 401;
    auto url = fhir::string_at(exchange.request, "url");
    auto body = text_of(exchange.request, "body");
    for (const char* word : {"$graphql", "/metadata", "_include", "_revinclude", "Observation"})
        if (url.find(word) != std::string::npos || body.find(word) != std::string::npos) return true;
    return status == 429 || text_of(exchange.response, "body").starts_with("<trimmed") ||
           url.ends_with("/oauth2/token") || body.starts_with("<");
}

ServerOptions server_of(Behaviour behaviour) {
    auto options = empty_server();
    options.behaviour = behaviour;
    return options;
}

// Does again what a transcript's clients did, in its own time, and remembers what stands for what.
class Rerun {
public:
    Rerun(Behaviour behaviour, const std::string& transcript)
        : name(transcript), records(read_records(behaviour, transcript)), bench(server_of(behaviour)) {
        at_time_of(records.front());
        bench.token = bench.log_in();
        // Made before the transcripts `poll` begin, deleted in them.
        for (const std::string id : {"a6c70383-521b-4a42-ae6a-64710e1a7e51", "0702c4dd-4b27-4c5f-8133-a4ab091b979d"})
            REQUIRE(bench.world.put(R"({"resourceType":"Patient","id":")" + id + R"(","active":true})"));
        bench.collect_events();
    }

    void run() {
        const Document* request = nullptr;
        for (const auto& record : records) {
            at_time_of(record);
            auto direction = fhir::string_at(record, "dir");
            auto connection = text_of(record, "conn");
            if (direction == "http-request") request = &record;
            if (direction == "http-response" && request && text_of(*request, "url") == text_of(record, "url"))
                compare({*std::exchange(request, nullptr), record});
            if (direction == "ws-send")
                for (auto& frame : bench.say(socket(connection), translate(text_of(record, "body"))))
                    said.push_back(std::move(frame));
            if (direction == "ws-close") bench.world.hub.close(socket(connection));
            if (direction == "ws-recv") heard.push_back(text_of(record, "body"));
        }
    }

    std::string translate(std::string text) const {
        replace_all(text, real_base, "http://sim.test");
        for (const auto& [theirs, ours] : names) replace_all(text, theirs, ours);
        return text;
    }

    std::string name;
    std::vector<Document> records;
    Bench bench;
    std::size_t compared = 0;
    std::vector<std::string> said, heard; // frames: ours in answer to frames; theirs, all of them

private:
    void at_time_of(const Document& record) {
        if (auto time = fhir::parse_instant(fhir::string_at(record, "t"))) bench.now = *time;
    }
    ConnectionId socket(const std::string& connection) {
        return sockets.emplace(connection, sockets.size() + 1).first->second;
    }
    void learn(const std::string& theirs, const std::string& ours) {
        if (theirs.size() >= 15 && !ours.empty()) names[theirs] = ours;
    }

    void compare(const Exchange& exchange) {
        if (is_elsewhere(exchange)) return;
        Request request;
        request.method = text_of(exchange.request, "method");
        request.target = translate(text_of(exchange.request, "url")).substr(std::string_view("http://sim.test").size());
        request.body = translate(text_of(exchange.request, "body"));
        request.peer = "127.0.0.1";
        for (const auto& header : exchange.request["headers"].GetObject()) {
            auto value = translate(header.value.GetString());
            if (value.starts_with("Basic ")) return;
            if (value.starts_with("Bearer <access-token-") && exchange.response["status"].GetInt() != 401)
                value = "Bearer " + bench.token;
            request.headers.emplace_back(header.name.GetString(), value);
        }
        if (request.header("content-type") == "application/x-www-form-urlencoded") { // recorded as an object
            auto form = fhir::parse_json(request.body);
            REQUIRE(form);
            Parameters parameters;
            for (const auto& field : form->GetObject())
                parameters.items.emplace_back(field.name.GetString(), field.value.GetString());
            request.body = parameters.sorted();
        }
        auto ours = bench.world.api.handle(request);
        auto theirs = text_of(exchange.response, "body");
        INFO(name << ": " << text_of(exchange.request, "t") << " " << request.method << " " << request.target << "\n"
                  << request.body.substr(0, 300) << "\ntheirs: " << text_of(exchange.response, "status") << " "
                  << theirs.substr(0, 500) << "\nours: " << ours.status << " " << ours.body.substr(0, 500));
        CHECK(ours.status == exchange.response["status"].GetInt());
        const auto& headers = exchange.response["headers"];
        for (const char* header : {"etag", "last-modified", "location", "content-type", "cache-control",
                                   "www-authenticate", "access-control-expose-headers"})
            CHECK(!ours.header(header).empty() == headers.HasMember(header));
        CHECK(ours.header("content-type") == text_of(headers, "content-type"));
        CHECK(at(ours.body, "/resourceType") == at(theirs, "/resourceType"));
        if (at(theirs, "/resourceType") == "OperationOutcome")
            for (const char* place : {"/id", "/issue/0/severity", issue_code, issue_text, "/issue/0/expression/0"})
                CHECK(at(ours.body, place) == translate(at(theirs, place)));
        if (at(theirs, "/resourceType") == "Bundle") {
            CHECK(at(ours.body, "/type") == at(theirs, "/type"));
            CHECK(at(ours.body, "/link/0/url") == translate(at(theirs, "/link/0/url")));
        }
        auto learn_at = [&](const std::string& place) {
            for (const char* part : {"/id", "/meta/versionId", "/valueString"})
                learn(at(theirs, (place + part).c_str()), at(ours.body, (place + part).c_str()));
        };
        learn_at("");
        learn_at("/parameter/0");
        for (int i = 0; i < 5; ++i) learn_at("/entry/" + std::to_string(i) + "/resource");
        // A history names its versions in the requests.
        auto last_part = [&](const std::string& body) {
            auto url = at(body, "/entry/0/request/url");
            return url.substr(url.rfind('/') + 1);
        };
        learn(last_part(theirs), last_part(ours.body));
        ++compared;
    }

    std::map<std::string, std::string> names; // the real server's ids and tokens → ours
    std::map<std::string, ConnectionId> sockets;
};

} // namespace

TEST_CASE("The real server's answers are the embedded server's answers") {
    Rerun rerun(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51),
                GENERATE(as<std::string>{}, "happy", "errors", "poll", "reconnect"));
    rerun.run();
    CAPTURE(rerun.name);
    CHECK(rerun.compared > 20);
}

TEST_CASE("The real server's events are the embedded server's events") {
    Rerun rerun(GENERATE(Behaviour::Medplum50, Behaviour::Medplum51), "happy");
    rerun.run();
    auto what = [&](const std::string& frame, bool real) {
        auto text = at(frame, "/entry/0/resource/subscription/reference") + " " + at(frame, "/entry/1/resource/id") +
                    " " + at(frame, "/entry/1/resource/meta/versionId") + " " +
                    at(frame, "/entry/0/resource/notificationEvent/0/focus/display");
        return real ? rerun.translate(text) : text;
    };
    std::multiset<std::string> theirs, ours;
    for (const auto& frame : rerun.heard)
        if (at(frame, "/entry/0/resource/type") == "event-notification") theirs.insert(what(frame, true));
    for (const auto& frame : rerun.bench.events) ours.insert(what(*frame.text, false));
    CHECK(theirs.size() > 10);
    CHECK(ours == theirs);
}
