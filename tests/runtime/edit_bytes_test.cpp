// What an edit writes, seen from a server that keeps the very bytes that it is sent.

#include "engine/cache.hpp"
#include "fhir/json.hpp"
#include "fhir/slice.hpp"
#include "runtime/runtime.hpp"
#include "support.hpp"
#include "support/secret_forms.hpp"
#include "support/wild_task.hpp"
#include "test_server.hpp"
#include "words/words.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace fhirscope::runtime::test {
namespace {

using tests::WildTask;

const std::string own_secret = "very/secret+value-0815";
const std::string own_token = "opaque/access+token-4711";
constexpr const char* first_time = "2026-02-10T10:30:00.000Z";
constexpr const char* second_time = "2026-02-10T10:30:05.000Z";

// Tasks by id, as texts.
class RawServer {
public:
    explicit RawServer(std::map<std::string, WildTask> tasks)
        : tasks_(std::move(tasks)),
          server({[this](const Seen& seen) { return answer(seen); },
                  [](Peer& peer) {
                      while (const auto frame = peer.receive())
                          if (frame->find("bind-with-token") != std::string::npos) peer.send(handshake);
                  },
                  "", ""}) {
        for (const auto& [id, task] : tasks_) texts_[id] = task.text("1", first_time, "requested");
    }
    std::string text_of(const std::string& id) {
        const std::lock_guard lock(mutex_);
        return texts_.at(id);
    }
    // What a catch-up finds: nothing.
    void set_nothing_new() {
        const std::lock_guard lock(mutex_);
        nothing_new_ = true;
    }
    std::string last_method() {
        const std::lock_guard lock(mutex_);
        return last_method_;
    }

private:
    static constexpr const char* handshake =
        R"({"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"SubscriptionStatus","status":"active","type":"handshake","subscription":{"reference":"Subscription/s1"}}}]})";

    Reply answer(const Seen& seen) {
        if (auto granted = let_in(seen, own_token)) return *granted;
        const std::lock_guard lock(mutex_);
        const std::string_view target = seen.target;
        const std::size_t at = target.find("/Task/");
        if (at == target.npos) return http_reply(200, bundle(target));
        const std::string id(target.substr(at + 6));
        if (!texts_.contains(id)) return http_reply(404, "{}");
        if (seen.method == "PUT") return write(id, seen);
        if (seen.method == "PATCH") last_method_ = seen.method, texts_[id] = patched(texts_[id]);
        return http_reply(200, texts_[id]);
    }

    // The first try meets a version that somebody else has written meanwhile.
    Reply write(const std::string& id, const Seen& seen) {
        last_method_ = seen.method;
        const WildTask& task = tasks_.at(id);
        if (seen.headers.at("if-match") != "W/\"2\"") {
            texts_[id] = task.text("2", second_time, "requested", "urgent");
            return http_reply(412, "{}");
        }
        const std::string own = task.head.substr(task.head.find('{'));
        if (!seen.body.starts_with(own)) return http_reply(400, "{}");
        texts_[id] = own + R"("versionId":"3","lastUpdated":")" + second_time + "\"," + seen.body.substr(own.size());
        return http_reply(200, texts_[id]);
    }

    static std::string patched(std::string text) {
        for (const auto& [from, to] :
             {std::pair<std::string, std::string>{"\"versionId\":\"1\"", "\"versionId\":\"3\""},
              {"\"requested\"", "\"accepted\""}})
            text.replace(text.find(from), from.size(), to);
        return text;
    }

    std::string bundle(std::string_view target) {
        std::string entries;
        const bool catches_up = target.find("_lastUpdated=ge") != target.npos;
        if (target.find("_deleted") == target.npos && target.find("/Task?") != target.npos &&
            !(nothing_new_ && catches_up))
            for (const auto& [id, text] : texts_)
                entries += (entries.empty() ? "" : ",") + (R"({"resource":)" + text + "}");
        return R"({"resourceType":"Bundle","type":"searchset","entry":[)" + entries + "]}";
    }

    std::mutex mutex_;
    std::map<std::string, WildTask> tasks_;
    std::map<std::string, std::string> texts_;
    std::string last_method_;
    bool nothing_new_ = false;

public:
    TestServer server; // last, because its threads use the rest
};

RuntimeOptions options_for_raw(const RawServer& raw) {
    RuntimeOptions options;
    options.connection.base_url = raw.server.url();
    options.connection.client_id = "some-id";
    options.connection.client_secret = make_secret(own_secret);
    options.engine.subscriptions = {{"tasks", "Task"}};
    return options;
}

bool is_live(const engine::Snapshot& s) { return s.connection.phase == engine::Phase::Live && s.queue_size == 0; }

engine::LocalEditPtr edit_status(Runtime& runtime, const std::string& reference, const std::string& path = "status",
                                 const std::string& value = "\"accepted\"") {
    const std::uint64_t before = runtime.snapshot()->ended_edits.end();
    runtime.send(engine::Edit{reference, {{path, value}}, engine::EditMethod::Put});
    const bool has_ended =
        runtime.run_until([&](const engine::Snapshot& s) { return s.ended_edits.end() > before; }, patience);
    return has_ended ? runtime.snapshot()->ended_edits[before] : std::make_shared<engine::LocalEdit>();
}

} // namespace

TEST_CASE("the server's text after an edit differs from before at the edited path only") {
    std::vector<std::string> secrets;
    for (const std::string& secret : {own_secret, own_token})
        for (const auto& form : tests::forms_of(secret)) secrets.push_back(form.text);
    tests::WildTasks wild(21, secrets);
    std::map<std::string, WildTask> tasks;
    for (int i = 0; i < 60; ++i) {
        const std::string id = "t" + std::to_string(i);
        tasks[id] = wild.next(id);
    }
    RawServer raw(tasks);
    Collector<engine::Input> inputs;
    RuntimeOptions options = options_for_raw(raw);
    options.loop.on_input = [&](const engine::Input& input) { inputs.add(input); };
    Runtime runtime(std::move(options));
    REQUIRE(runtime.start());
    REQUIRE(runtime.run_until(is_live, patience));
    for (const auto& [id, task] : tasks) {
        const auto edit = edit_status(runtime, "Task/" + id);
        INFO(task.text("1", first_time, "requested") << "\n" << words::text(edit->problem));
        REQUIRE(edit->state == engine::EditState::Acknowledged);
        REQUIRE(edit->server_changed.empty());
        REQUIRE(raw.text_of(id) ==
                std::string(fhir::value_in(task.text("3", second_time, "accepted", "urgent")).text()));
    }
    runtime.stop();
    std::string recorded;
    engine::Engine again;
    for (const engine::Input& input : inputs.all()) {
        recorded += engine::to_bytes(input);
        again.step(input);
    }
    for (const std::string& secret : {own_secret, own_token}) CHECK(tests::form_in(recorded, secret) == "");
    CHECK(recorded.find(tests::wild_jwt) == std::string::npos);
    CHECK(again.state_hash() == runtime.state_hash());
}

TEST_CASE("a text that is typed with what is hidden beside it keeps that, and no other resource's") {
    const auto with_note = [](const std::string& id, const std::string& note) {
        return WildTask{
            R"({"resourceType":"Task","id":")" + id + R"(","meta":{)",
            R"("source":"x"},"note":[{"text":")" + note + R"("}],"status":)" + WildTask::place + R"(,"priority":)",
            R"(,"intent":"order"})"};
    };
    const std::string other_jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJl-1_";
    RawServer raw({{"a", with_note("a", "join " + tests::wild_jwt)}, {"b", with_note("b", "see " + other_jwt)}});
    Runtime runtime(options_for_raw(raw));
    REQUIRE(runtime.start());
    REQUIRE(runtime.run_until(is_live, patience));
    const auto edit = edit_status(runtime, "Task/a", "note[0].text", R"("join <jwt-1> at nine")");
    CHECK(edit->state == engine::EditState::Acknowledged);
    CHECK(raw.text_of("a").find(R"("join )" + tests::wild_jwt + R"( at nine")") != std::string::npos);

    const auto foreign = edit_status(runtime, "Task/a", "note[0].text", R"("join <jwt-2>")");
    CHECK(foreign->state == engine::EditState::Refused);
    CHECK(foreign->problem.code == engine::FactCode::HiddenText);
    CHECK(raw.text_of("a").find(other_jwt) == std::string::npos);
    runtime.stop();
}

TEST_CASE("what an earlier session hid is never written: only the edited fields are") {
    const WildTask task{R"({"resourceType":"Task","id":"a","meta":{)",
                        R"("source":"x"},"note":[{"text":"join )" + tests::wild_jwt + R"("}],"status":)" +
                            WildTask::place + R"(,"priority":)",
                        R"(,"intent":"order"})"};
    RawServer raw({{"a", task}});
    std::string known;
    {
        Runtime earlier(options_for_raw(raw));
        REQUIRE(earlier.start());
        REQUIRE(earlier.run_until(
            [&](const engine::Snapshot& s) { return is_live(s) && !(known = engine::make_cache(s)).empty(); },
            patience));
        earlier.stop();
    }
    REQUIRE(known.find("<jwt-1>") != std::string::npos);
    raw.set_nothing_new(); // else it would be read anew, and could be written whole
    RuntimeOptions options = options_for_raw(raw);
    options.known = known;
    Runtime runtime(std::move(options));
    REQUIRE(runtime.start());
    REQUIRE(runtime.run_until(is_live, patience));
    const auto edit = edit_status(runtime, "Task/a");
    CHECK(edit->state == engine::EditState::Acknowledged);
    CHECK(edit->method == engine::EditMethod::Patch);
    CHECK(raw.last_method() == "PATCH");
    CHECK(raw.text_of("a") == task.text("3", first_time, "accepted"));
    runtime.stop();
}

} // namespace fhirscope::runtime::test
