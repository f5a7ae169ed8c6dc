// Expectations of sessions in virtual time: what passes on a run that goes well fails on one with a fault.

#include "checks/evaluator.hpp"

#include "checks/propose.hpp"
#include "session_inputs.hpp"

#include <catch2/matchers/catch_matchers_string.hpp>

using namespace fhirscope;
using namespace fhirscope::tests;
using namespace fhirscope::checks;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string shows_completed(const Run& run, const std::string& within, const std::string& more = "") {
    return R"({"expect":"shows","resource":")" + run.task + R"(","field":"status","value":"completed","within":")" +
           within + "\"" + more + "}";
}

std::vector<Verdict> verdicts(const Outcomes& outcomes) {
    std::vector<Verdict> all;
    for (const Outcome& outcome : outcomes.all) all.push_back(outcome.verdict);
    return all;
}

Verdict verdict(const Inputs& inputs, const std::string& one) {
    const Outcome outcome = judged(inputs, one).all.front();
    INFO(outcome.wanted << ": " << outcome.measured);
    return outcome.verdict;
}

std::uint64_t counted_by(const Inputs& inputs, const std::string& one) {
    return static_cast<std::uint64_t>(judged(inputs, one).all.front().figure.value());
}

} // namespace

TEST_CASE("three expectations pass on a run that goes well and fail on one with a fault, which explains them") {
    const Run good = completed_task(Fault::None), bad = completed_task(Fault::Outage);
    const std::string more = R"(,{"expect":"count","of":"missed","exactly":0},{"expect":"no-incident","above":"info"})";
    CHECK(verdicts(judged(good.inputs, shows_completed(good, "2s") + more)) == std::vector(3, Verdict::Passed));
    const Outcomes failed = judged(bad.inputs, shows_completed(bad, "2s") + more);
    CHECK(verdicts(failed) == std::vector(3, Verdict::Failed));
    const Outcome& late = failed.all.front();
    CHECK(late.about == bad.task);
    CHECK(late.instead == bad.task + " with status = in-progress");
    CHECK(late.at - late.from == Length(*late.figure)); // from the server's change until it was shown
    CHECK(*late.figure > Length(2s).count());
    for (const Outcome& outcome : failed.all) {
        REQUIRE(outcome.incident);
        CHECK(outcome.incident->effect == diagnosis::Effect::RealTime);
    }
    // With room for the outage it passes, and to the microsecond it does not.
    const Length took(*late.figure);
    const auto within = [&](Length length) {
        return verdict(bad.inputs,
                       shows_completed(bad, std::to_string(static_cast<double>(length.count()) / 1000) + "ms"));
    };
    CHECK(within(took) == Verdict::Passed);
    CHECK(within(took - 1us) == Verdict::Failed);
}

TEST_CASE("a value that never comes is a failure, and one that was there before is not decided") {
    const Run run = completed_task(Fault::None);
    const Outcome never = judged(run.inputs, R"({"expect":"shows","resource":")" + run.task +
                                                 R"(","field":"status","value":"cancelled","within":"2s"})")
                              .all.front();
    CHECK(never.verdict == Verdict::Failed);
    CHECK(never.instead == run.task + " with status = completed");
    CHECK(verdict(run.inputs,
                  R"({"expect":"shows","resource":"Task/none","field":"status","value":"x","within":"2s"})") ==
          Verdict::Failed);
    CHECK(verdict(run.inputs, shows_completed(run, "2s", R"(,"from":"40s")")) == Verdict::Undecided);
    CHECK(verdict(run.inputs, shows_completed(run, "2s", R"(,"from":"9h")")) == Verdict::Undecided);
    CHECK(verdict(run.inputs, R"({"expect":"shows","type":"Task","filter":"nonsense:1","within":"2s"})") ==
          Verdict::Undecided);
}

TEST_CASE("a value has to be there by some time after a moment, or after an outage") {
    const Run good = completed_task(Fault::None), bad = completed_task(Fault::Outage);
    CHECK(verdict(good.inputs, shows_completed(good, "4s", R"(,"since":"19s")")) == Verdict::Passed);
    CHECK(verdict(good.inputs, shows_completed(good, "4s", R"(,"since":"40s")")) ==
          Verdict::Passed); // it has been there
    CHECK(verdict(bad.inputs, shows_completed(bad, "4s", R"(,"since":"19s")")) == Verdict::Failed);
    CHECK(verdict(good.inputs, shows_completed(good, "1s", R"(,"since":"10s")")) == Verdict::Failed);
    CHECK(verdict(good.inputs, shows_completed(good, "1s", R"(,"since":"9h")")) == Verdict::Undecided);
    CHECK(verdict(good.inputs, shows_completed(good, "1s", R"(,"since":"outage")")) == Verdict::Undecided);
    CHECK(verdict(bad.inputs, shows_completed(bad, "1s", R"(,"since":"outage")")) == Verdict::Passed);
    CHECK(verdict(bad.inputs, R"({"expect":"shows","resource":")" + bad.task +
                                  R"(","field":"status","value":"cancelled","within":"1s","since":"outage"})") ==
          Verdict::Failed);
}

TEST_CASE("a value that must never be shown is found when it is") {
    const Run run = completed_task(Fault::None);
    const auto never = [&](const char* value, const char* more) {
        return verdict(run.inputs, R"({"expect":"never","what":"shows","resource":")" + run.task +
                                       R"(","field":"status","value":")" + value + "\"" + more + "}");
    };
    CHECK(never("completed", "") == Verdict::Failed);
    CHECK(never("completed", R"(,"to":"15s")") == Verdict::Passed);
    CHECK(never("completed", R"(,"from":"40s")") == Verdict::Failed); // still shown
    CHECK(never("cancelled", "") == Verdict::Passed);
}

TEST_CASE("an outage has to end in time") {
    const Run good = completed_task(Fault::None), bad = completed_task(Fault::Outage);
    const auto live = [](const char* after, const char* within) {
        return std::string(R"({"expect":"live","after":")") + after + R"(","within":")" + within + "\"}";
    };
    CHECK(verdict(good.inputs, live("start", "10s")) == Verdict::Passed);
    CHECK(verdict(good.inputs, live("start", "0ms")) == Verdict::Failed);
    CHECK(verdict(good.inputs, live("outage", "1ms")) == Verdict::Passed); // there was none
    CHECK(verdict(bad.inputs, live("outage", "5s")) == Verdict::Failed);
    CHECK(verdict(bad.inputs, live("outage", "60s")) == Verdict::Passed);
    Inputs cut;
    for (const engine::Input& input : bad.inputs)
        if (input.at < bad.inputs.front().at + 26s) cut.push_back(input); // within the outage
    CHECK(verdict(cut, live("outage", "60s")) == Verdict::Undecided);
    CHECK(verdict(cut, live("outage", "1s")) == Verdict::Failed);
}

TEST_CASE("what is counted in parts of a session adds up to the whole, at whatever moment it is parted") {
    const Inputs inputs =
        session_of({.seed = 4, .rate = 20}, [](simulation::VirtualWorld& world) { world.run_for(30s); });
    for (const std::string of : {R"("of":"updates","filter":"type:Task")", R"("of":"applied")"}) {
        const auto count = [&](const std::string& more) {
            return counted_by(inputs, R"({"expect":"count",)" + of + R"(,"at-least":0)" + more + "}");
        };
        const std::uint64_t whole = count("");
        CHECK(whole > 100);
        for (const char* moment : {"1s", "9.5s", "20.123s"}) {
            const auto place = [&](const char* member) {
                return std::string(",\"") + member + "\":\"" + moment + "\"";
            };
            const std::uint64_t before = count(place("to")), after = count(place("from"));
            INFO(of << " parted at " << moment << ": " << before << " + " << after);
            CHECK(before > 0);
            CHECK(after > 0);
            CHECK(before + after == whole);
        }
    }
}

TEST_CASE("a percentile is below its limit exactly when so many updates are") {
    const Inputs inputs = session_of(
        {.seed = 4, .rate = 20}, [](simulation::VirtualWorld& world) { world.run_for(30s); });
    const auto count = [&](const std::string& filter) {
        return counted_by(inputs, R"({"expect":"count","of":"updates","filter":")" + filter + R"(","at-least":0})");
    };
    const std::uint64_t all = count("latency >= 0us") + count("latency < 0us");
    REQUIRE(all > 100);
    int passed = 0, failed = 0;
    for (const std::string below : {"1ms", "2ms", "3ms", "4ms", "5ms", "10ms"})
        for (const double percentile : {10.0, 50.0, 99.0, 100.0}) {
            const bool fits = count("latency < " + below) >= engine::nearest_rank(percentile / 100, all);
            INFO(percentile << " below " << below);
            CHECK(verdict(inputs, R"({"expect":"latency","percentile":)" + std::to_string(percentile) +
                                      R"(,"below":")" + below + "\"}") == (fits ? Verdict::Passed : Verdict::Failed));
            ++(fits ? passed : failed);
        }
    CHECK(passed > 0);
    CHECK(failed > 0);
    CHECK(verdict(inputs, R"({"expect":"latency","percentile":99,"below":"1s","filter":"type:Nothing"})") ==
          Verdict::Undecided);
}

TEST_CASE("an order holds of the whole, or of each resource") {
    const Run run = completed_task(Fault::None);
    const std::string one = R"("resource = )" + run.task, updates = R"( & channel:socket")";
    const auto order = [&](const std::string& first, const std::string& then, const char* more) {
        return verdict(run.inputs, R"({"expect":"order","first":)" + first + R"(,"then":)" + then + more + "}");
    };
    const std::string searched = R"("channel:baseline")", pushed = one + updates;
    CHECK(order(searched, pushed, "") == Verdict::Passed);
    CHECK(order(pushed, searched, "") == Verdict::Failed);
    CHECK(order(searched, pushed, R"(,"same-resource":true)") == Verdict::Passed);
    CHECK(order(R"("type:Patient")", pushed, R"(,"same-resource":true)") == Verdict::Failed);
    CHECK(order(searched, R"("type:Nothing")", "") == Verdict::Undecided);
}

TEST_CASE("incidents may be named that are met") {
    const Run bad = completed_task(Fault::Outage);
    const Outcome met = judged(bad.inputs, R"({"expect":"no-incident","above":"info"})").all.front();
    REQUIRE(met.incident);
    const auto but = [&](std::string_view cause) {
        return verdict(bad.inputs,
                       R"({"expect":"no-incident","above":"info","except":[")" + std::string(cause) + "\"]}");
    };
    CHECK(but(met.incident->id) == Verdict::Passed);
    CHECK(but("storm") == Verdict::Failed);
    CHECK(verdict(bad.inputs, R"({"expect":"no-incident","above":"none","to":"15s"})") == Verdict::Passed); // before it
}

TEST_CASE("the same session and expectations give the same bytes") {
    const Run bad = completed_task(Fault::Outage);
    const auto bytes = [&] {
        const std::vector<Outcomes> all{judged(bad.inputs, probes()), judged(bad.inputs, shows_completed(bad, "2s"))};
        fhir::JsonWriter json;
        json.object();
        write_members(json, all);
        json.end();
        return json.take() + to_junit(all, "run") + to_text(all, "run").str();
    };
    CHECK(bytes() == bytes());
}

TEST_CASE("what is proposed from a run passes on it, and fails on one with a fault") {
    const auto proposed = [](const Inputs& inputs) {
        Evaluator evaluator({probes()});
        for (const engine::Input& input : inputs) evaluator.step(input);
        const auto outcomes = evaluator.conclude();
        const Proposal made = proposal(outcomes.front(), evaluator.diagnosis(), "run.fhirscope");
        auto file = parse_expectations(made.json, "proposed");
        INFO((file ? made.json : file.error().message));
        REQUIRE(file);
        CHECK(file->expectations.size() + made.left_out + made.unmeasured == probes().expectations.size() + 1);
        return std::move(*file);
    };
    const Run good = completed_task(Fault::None), bad = completed_task(Fault::Outage);
    CHECK(judged(good.inputs, proposed(good.inputs)).passed());
    CHECK(judged(bad.inputs, proposed(bad.inputs)).passed());
    CHECK(judged(bad.inputs, proposed(good.inputs)).count(Verdict::Failed) >= 3);
}

TEST_CASE("a session that goes well at any rate has no incident that wants attention") {
    for (const double rate : {0.5, 20.0, 300.0}) {
        const Inputs inputs =
            session_of({.seed = 9, .rate = rate}, [](simulation::VirtualWorld& world) { world.run_for(60s); });
        INFO(rate);
        Evaluator evaluator({{"", {no_incident_of(engine::Severity::Attention)}}});
        for (const engine::Input& input : inputs) evaluator.step(input);
        const Outcome outcome = evaluator.conclude().front().all.front();
        INFO(outcome.instead);
        CHECK(outcome.verdict == Verdict::Passed);
    }
}
