// A server that says everything it was told, everywhere and in every form; and then every output is searched.

#include "../runtime/test_server.hpp"
#include "engine/archive.hpp"
#include "program.hpp"
#include "session/reader.hpp"
#include "support/secret_forms.hpp"

#include <catch2/catch_all.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

using namespace fhirscope;
using namespace fhirscope::tests;
using runtime::test::http_reply;
using runtime::test::Peer;
using runtime::test::Reply;
using runtime::test::Seen;

namespace {

const std::string client_id = "client-abc";
const std::string client_secret = "s3cr3t/client+secret-VALUE-0815";

class Gossip {
public:
    Gossip()
        : server({[this](const Seen& seen) { return answer(seen); }, [this](Peer& peer) { converse(peer); }, "", ""}) {}

    std::vector<std::string> secrets() {
        const std::lock_guard lock(mutex_);
        return secrets_;
    }
    // The next program is told nothing that only the last one can know for a secret.
    void begin_anew() {
        const std::lock_guard lock(mutex_);
        of_programs_before_ = secrets_.size();
    }
    std::atomic<bool> refuses_login{false};
    std::atomic<int> logins{0};
    static constexpr int enough_logins = 20; // more than a few that could be remembered one by one

private:
    static constexpr int uses_of_a_token = 12; // as many may be under way at once

    void learn(const std::string& secret) {
        const std::lock_guard lock(mutex_);
        secrets_.push_back(secret);
    }
    // Of the first secrets, which are the easiest to forget, and of the last.
    std::string everything() {
        std::string all;
        std::vector<std::string> known = secrets();
        known.erase(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(of_programs_before_.load()));
        known.insert(known.begin(), client_secret);
        if (known.size() > 8) known.erase(known.begin() + 4, known.end() - 4);
        for (const std::string& secret : known)
            for (const SecretForm& form : forms_of(secret, client_id)) all += " ; " + form.text;
        return all;
    }
    static std::string outcome(const std::string& text) {
        return R"({"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception","diagnostics":")" +
               text + R"(","details":{"text":")" + text + R"("}}]})";
    }
    static std::string task(const std::string& id, const std::string& version, const std::string& text) {
        return R"({"resourceType":"Task","id":")" + id + R"(","meta":{"versionId":")" + version +
               R"(","lastUpdated":"2026-02-10T10:30:15.123Z"},"status":"requested","intent":"order","description":")" +
               text + "\"}";
    }

    Reply log_in() {
        if (refuses_login) { // by a program that was started anew, which knows no other secret than this
            std::string text;
            for (const SecretForm& form : forms_of(client_secret, client_id)) text += " ; " + form.text;
            return http_reply(400, R"({"error":"invalid_client","error_description":"wrong:)" + text + "\"}",
                              "application/json");
        }
        const std::string number = std::to_string(100'000 + ++logins);
        const std::string access = "opaque/access+token-" + number, refresh = "opaque/refresh+token-" + number,
                          id = "opaque/id+token-" + number;
        for (const std::string& secret : {access, refresh, id}) learn(secret);
        return http_reply(200,
                          R"({"token_type":"Bearer","expires_in":3600,"scope":"system/*.* )" + access +
                              R"(","profile":{"reference":"ClientApplication/)" + refresh + R"("},"access_token":")" +
                              access + R"(","refresh_token":")" + refresh + R"(","id_token":")" + id + "\"}",
                          "application/json");
    }

    Reply answer(const Seen& seen) {
        if (seen.target == "/oauth2/token") {
            if (seen.body.find("client_secret=") != std::string::npos && secrets().empty()) learn(client_secret);
            return log_in();
        }
        if (seen.target.starts_with("/ws")) return runtime::test::upgrade();
        if (const auto bearer = seen.headers.find("authorization"); bearer != seen.headers.end()) {
            const std::lock_guard lock(mutex_);
            if (++uses_[bearer->second] > uses_of_a_token) return http_reply(401, "{}");
        }
        if (seen.target.find("$get-ws-binding-token") != std::string::npos) {
            const std::string token = "7f3a9c1d-55e0-4b7a-9c11-" + std::to_string(100'000'000'000 + ++tokens_);
            learn(token);
            return http_reply(
                200,
                R"({"resourceType":"Parameters","parameter":[{"name":"token","valueString":")" + token +
                    R"("},{"name":"expiration","valueDateTime":"2099-02-10T11:30:00.000Z"},{"name":"note","valueString":")" +
                    everything() + R"("}]})");
        }
        if (seen.method == "POST")
            return http_reply(201, R"({"resourceType":"Subscription","id":"s1","status":"active","criteria":"Task"})");
        const std::size_t before = of_programs_before_;
        const std::string access = secrets().size() > before + 1 ? secrets()[before + 1] : client_secret;
        const std::string headers = "ETag: W/\"" + access + "\"\r\nLocation: /x?client_secret=" + client_secret +
                                    "&access_token=" + access + "\r\nRateLimit: \"x\";r=5;t=1;tok=" + access +
                                    "\r\nRetry-After: " + client_secret + "\r\n";
        if (seen.target.find("/Task/") != std::string::npos)
            return http_reply(403, outcome(everything()), "application/fhir+json; x=" + access, headers);
        if (seen.target.find("/metadata") != std::string::npos)
            return http_reply(
                200, R"({"resourceType":"CapabilityStatement","fhirVersion":"4.0.1","software":{"name":"Medplum )" +
                         access + everything() + R"("}})");
        if (seen.target.find("/Task?") != std::string::npos && seen.target.find("_deleted") == std::string::npos) {
            const bool first = seen.target.find("page=2") == std::string::npos;
            const std::string link = first ? R"("link":[{"relation":"next","url":")" + server.url() +
                                                 "fhir/R4/Task?page=2&of=" + access + R"("}],)"
                                           : "";
            return http_reply(200,
                              R"({"resourceType":"Bundle","type":"searchset",)" + link + R"("entry":[{"resource":)" +
                                  task("t1", "1", "x" + everything()) + "}]}",
                              "application/fhir+json", headers);
        }
        return http_reply(200, R"({"resourceType":"Bundle","type":"searchset","entry":[]})");
    }

    void converse(Peer& peer) {
        const auto status = [](const std::string& type, const std::string& more) {
            return R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":")" +
                   type + R"(","subscription":{"reference":"Subscription/s1"})" + more;
        };
        while (const auto frame = peer.receive()) {
            if (frame->find("bind-with-token") == std::string::npos) continue;
            peer.send(status("handshake", "}}]}"));
            peer.send(*frame);
            peer.send(outcome(everything()));
            peer.send("no JSON" + everything());
            for (int i = 0; i < 80; ++i) { // each is read, and refused, which uses up tokens
                const std::string id = "n" + std::to_string(++tasks_);
                peer.send(status(
                    "event-notification",
                    R"(,"notificationEvent":[{"eventNumber":"0","focus":{"reference":"Task/)" + id + R"("}}]}}]})"));
            }
            peer.send(
                status("event-notification",
                       R"(,"notificationEvent":[{"eventNumber":"0","focus":{"reference":"Task/t2"}}]}},{"resource":)" +
                           task("t2", secrets().back(), "x" + everything()) + "}]}"));
            if (logins > enough_logins) continue; // so that it ends connected, too
            std::string reason = "bye " + secrets().back() + " " + client_secret;
            peer.close(4000, reason.substr(0, 120));
        }
    }

    std::mutex mutex_;
    std::vector<std::string> secrets_;
    std::atomic<std::size_t> of_programs_before_{0};
    std::map<std::string, int> uses_;
    std::atomic<std::uint64_t> tokens_{0}, tasks_{0};

public:
    runtime::test::TestServer server; // last, because its threads use the rest
};

using Outputs = std::map<std::string, std::string>; // by where they are

void add_files(Outputs& outputs, const std::string& folder) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) outputs[entry.path().string()] = read_file(entry.path().string());
}

std::string inputs_of(const std::string& session) {
    std::string all;
    const auto reader = session::Reader::open(session);
    REQUIRE(reader);
    REQUIRE(reader->for_each([&](const engine::Input& input) {
        all += engine::to_bytes(input);
        return true;
    }));
    return all;
}

void check_no_secret(const Outputs& outputs, const std::vector<std::string>& secrets) {
    for (const auto& [where, text] : outputs)
        for (const std::string& secret : secrets) {
            const std::string form = form_in(text, secret, client_id);
            if (form.empty()) continue;
            INFO(where);
            INFO(secret << ", " << form);
            CHECK(false);
        }
}

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

} // namespace

TEST_CASE("no secret of a session is in anything that it leaves, wherever and however the server repeats it") {
    Gossip gossip;
    const std::string home = fresh_path("gossip-home"), session = home + "/s.fhirscope";
    std::filesystem::create_directories(home);
    write_file(home + "-secret.txt", client_secret + "\n");
    const Environment environment{{"HOME", home}};
    const std::vector<std::string> server{gossip.server.url(), "--client-id", client_id, "--client-secret-file",
                                          home + "-secret.txt"};
    Outputs outputs;
    const auto keep = [&](const std::string& name, const Outcome& outcome) {
        outputs[name + " stdout"] = outcome.out;
        outputs[name + " stderr"] = outcome.err;
        return outcome;
    };
    keep("connect",
         run(with(with({"connect"}, server), {"--headless", "--seconds", "6", "--json", "--record", session}),
             environment));
    INFO(gossip.logins << " logins");
    REQUIRE(gossip.logins > Gossip::enough_logins);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"replay", session, "--headless", "--json"},
                                               {"log", session},
                                               {"log", session, "--format", "csv"},
                                               {"log", session, "--format", "ndjson"},
                                               {"diagnose", session},
                                               {"diagnose", session, "--json"},
                                               {"conflicts", session}}) {
        std::string name;
        for (const std::string& word : command) name += word + " ";
        const Outcome outcome = keep(name, run(command, environment));
        if (command[0] == "replay") CHECK(outcome.out.find(R"("equal":true)") != std::string::npos);
    }
    gossip.begin_anew();
    keep("edit", run(with(with({"edit", "Task/n1", "status", "accepted"}, {"--server"}), server), environment));
    gossip.refuses_login = true;
    keep("refused", run(with(with({"connect"}, server), {"--headless", "--seconds", "1"}), environment));
    add_files(outputs, home);
    outputs["inputs"] = inputs_of(session);

    // What was looked for did get there.
    for (const char* kind : {"<client-secret-", "<access-token-", "<refresh-token-", "<binding-token-"}) {
        INFO(kind);
        CHECK(outputs["inputs"].find(kind) != std::string::npos);
    }
    CHECK(outputs["refused stderr"].find("<client-secret-") != std::string::npos);
    CHECK(std::ranges::any_of(outputs, [](const auto& output) { return output.first.ends_with("fhirscope.log"); }));
    std::vector<std::string> secrets = gossip.secrets();
    if (secrets.size() > 40) secrets.erase(secrets.begin() + 20, secrets.end() - 20); // all of one pattern
    check_no_secret(outputs, secrets);
}

TEST_CASE("no secret of a transcript is in what an import makes of it") {
    const std::string access = "opaque/access+token-4711", binding = "7f3a9c1d-55e0-4b7a-9c11-100000000001",
                      basic = "s3cr3t/of+basic-0815";
    std::string everything;
    for (const std::string& secret : {access, binding, basic})
        for (const SecretForm& form : forms_of(secret, client_id)) everything += " ; " + form.text;
    const std::string path = fresh_path("gossip.jsonl"), session = fresh_path("gossip-import.fhirscope");
    auto line = [number = 0](const std::string& rest) mutable {
        return R"({"t":"2026-02-10T10:30:0)" + std::to_string(number++ / 10) + R"(.000Z",)" + rest + "}\n";
    };
    const std::string url = R"("url":"http://h:1/fhir/R4/)";
    std::string text = line(
        R"("dir":"http-request","method":"POST","url":"http://h:1/oauth2/token","headers":{"Authorization":"Basic )" +
        base64_of(client_id + ":" + basic) + R"("},"body":"grant_type=client_credentials")");
    text += line(R"("dir":"http-request","method":"GET",)" + url + R"(Task","headers":{"authorization":"Bearer )" +
                 access + "\"}");
    text += line(R"("dir":"http-response","method":"GET",)" + url + R"(Task?x=)" + access +
                 R"(","status":500,"body":{"text":")" + everything + "\"}");
    text += line(R"("dir":"ws-open","conn":"A","url":"ws://h:1/ws","status":101)");
    text += line(R"("dir":"ws-send","conn":"A","body":{"type":"bind-with-token","payload":{"token":")" + binding +
                 R"("}})");
    text += line(R"("dir":"ws-recv","conn":"A","body":{"text":")" + everything + "\"}");
    text += line(R"("dir":"ws-recv","conn":"A","body":"no JSON )" + everything + "\"");
    text += line(R"("dir":"ws-close","conn":"A","code":4000,"reason":"bye )" + binding + " " + access + "\"");
    write_file(path, text);
    const Outcome imported = run({"import", path, "-o", session});
    INFO(imported.out << imported.err);
    REQUIRE(imported.exit_code == 0);
    Outputs outputs{{"stdout", imported.out},
                    {"stderr", imported.err},
                    {"file", read_file(session)},
                    {"inputs", inputs_of(session)}};
    CHECK(outputs["inputs"].find("<redacted-3>") != std::string::npos);
    check_no_secret(outputs, {access, binding, basic});
}
