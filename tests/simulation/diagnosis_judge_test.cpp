// The judge of the diagnosis, with faults and incidents that are made up.

#include "simulation/diagnosis_tally.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace fhirscope;
using namespace fhirscope::simulation;
using diagnosis::CauseCode;
using diagnosis::Severity;
using std::chrono::seconds;

namespace {

// A fault whose effects came at these seconds.
FaultTrace broken(FaultKind kind, int at, int lasts, std::initializer_list<int> effects) {
    FaultTrace trace{.fault = {.kind = kind, .at = seconds(at), .lasts = seconds(lasts)}};
    for (const int effect : effects) {
        trace.times.push_back(seconds(effect));
        trace.last = seconds(effect);
        ++trace.effects;
    }
    return trace;
}

SeenIncident said(CauseCode cause, int from, int to, int decided) {
    SeenIncident incident;
    incident.cause = cause;
    incident.severity = Severity::Error;
    incident.from = seconds(from);
    incident.to = seconds(to);
    incident.decided = seconds(decided);
    incident.said = {{cause, seconds(decided)}};
    return incident;
}

} // namespace

TEST_CASE("a fault that an incident names is named, and so late as that was decided") {
    const auto judged = judge({broken(FaultKind::Cut, 20, 0, {20})}, {said(CauseCode::SocketClosed, 20, 24, 23)});
    REQUIRE(judged.faults.size() == 1);
    CHECK(judged.faults[0].verdict == FaultVerdict::Named);
    CHECK(judged.faults[0].took == VirtualTime(seconds(3)));
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Right);
    CHECK(judged.incidents[0].in_time);
}

TEST_CASE("a wrong cause misses the fault, is false itself, and is what the fault was called") {
    const auto judged =
        judge({broken(FaultKind::SubscriptionDeleted, 20, 0, {60})}, {said(CauseCode::BindingEnded, 20, 70, 61)});
    CHECK(judged.faults[0].verdict == FaultVerdict::Missed);
    CHECK(judged.faults[0].incident == 0u);
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Wrong);
}

TEST_CASE("a fault of which nothing was seen asks for nothing") {
    const auto judged = judge({broken(FaultKind::StalledResponse, 20, 5, {})}, {});
    CHECK(judged.faults[0].verdict == FaultVerdict::WithoutEffect);
}

TEST_CASE("a fault of which something was seen is missed where nothing was said") {
    const auto judged = judge({broken(FaultKind::StalledResponse, 20, 5, {22})}, {});
    CHECK(judged.faults[0].verdict == FaultVerdict::Missed);
    CHECK_FALSE(judged.faults[0].incident);
}

TEST_CASE("a right cause at another time names nothing, and was not planted then") {
    const auto judged = judge({broken(FaultKind::Cut, 20, 0, {20})}, {said(CauseCode::SocketClosed, 100, 110, 101)});
    CHECK(judged.faults[0].verdict == FaultVerdict::Missed);
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Wrong);
}

TEST_CASE("a right cause among several is counted apart") {
    auto incident = said(CauseCode::Hanging, 18, 40, 30);
    incident.alternatives = {CauseCode::HalfOpen};
    const auto judged = judge({broken(FaultKind::HalfOpen, 20, 0, {30})}, {incident});
    CHECK(judged.faults[0].verdict == FaultVerdict::Among);
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Among);
}

TEST_CASE("of two faults at once each wants its cause") {
    const std::vector faults{broken(FaultKind::Http5xx, 20, 10, {21, 25}),
                             broken(FaultKind::RestartWithSubscriptions, 20, 10, {20, 21, 24})};
    SECTION("two incidents name them") {
        const auto judged =
            judge(faults, {said(CauseCode::Restarted, 20, 31, 22), said(CauseCode::ServerErrors, 21, 25, 22)});
        CHECK(judged.faults[0].verdict == FaultVerdict::Named);
        CHECK(judged.faults[1].verdict == FaultVerdict::Named);
    }
    SECTION("one incident names both") {
        auto both = said(CauseCode::Restarted, 20, 31, 22);
        both.alternatives = {CauseCode::ServerErrors};
        const auto judged = judge(faults, {both});
        CHECK(judged.faults[0].verdict == FaultVerdict::Among);
        CHECK(judged.faults[1].verdict == FaultVerdict::Named);
    }
    SECTION("what lies within the incident of another counts apart, and not as recalled") {
        const auto judged = judge(faults, {said(CauseCode::Restarted, 20, 31, 22)});
        CHECK(judged.faults[0].verdict == FaultVerdict::Under);
        DiagnosisTally tally;
        tally.add(Scenario{}, judged);
        CHECK(tally.recall().recall() == 50);
        CHECK(tally.precision().precision() == 100);
    }
}

TEST_CASE("an incident that goes on long after its fault is right, and not in time") {
    const auto judged = judge({broken(FaultKind::Cut, 20, 0, {20})}, {said(CauseCode::SocketClosed, 20, 300, 23)});
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Right);
    CHECK_FALSE(judged.incidents[0].in_time);
}

TEST_CASE("a clock that was set stays wrong, and an incident that says so is right however late it begins") {
    const auto kind = GENERATE(FaultKind::LocalClockJump, FaultKind::ClientSuspended, FaultKind::ServerClockJump,
                               FaultKind::ServerSkew);
    const auto judged = judge({broken(kind, 20, 0, {21})}, {said(CauseCode::ClockSkew, 300, 900, 310)});
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Right);
    CHECK(judged.incidents[0].in_time);
    CHECK(judged.faults[0].verdict == FaultVerdict::Missed); // so late it was not told in time
    CHECK(judge({broken(kind, 400, 0, {401})}, {said(CauseCode::ClockSkew, 300, 350, 310)}).incidents[0].verdict ==
          IncidentVerdict::Wrong);
}

TEST_CASE("what concerned one type is told of it or of all, or else elsewhere") {
    auto trace = broken(FaultKind::SubscriptionDeleted, 20, 0, {22});
    auto incident = said(CauseCode::SubscriptionGone, 20, 30, 22);
    const auto in_scope = [&] { return judge({trace}, {incident}).incidents[0].in_scope; };
    CHECK(in_scope());
    incident.scope = "Patient?gender=female";
    CHECK(in_scope());
    trace.concerned = {"Task"};
    CHECK_FALSE(in_scope());
    incident.scope = "Patient?gender=female and Task?status=ready";
    CHECK(in_scope());
    incident.scope = "TaskList";
    CHECK_FALSE(in_scope());
    DiagnosisTally tally;
    tally.add(Scenario{}, judge({trace}, {incident}));
    CHECK(tally.precision().elsewhere_part() == 100);
    trace.concerned = {"Task", "requests"};
    CHECK(in_scope());
}

TEST_CASE("how long an incident named a wrong cause before the right one is counted") {
    auto incident = said(CauseCode::SocketClosed, 20, 40, 29);
    incident.said = {{CauseCode::NotKnown, seconds(21)},
                     {CauseCode::HalfOpen, seconds(22)},
                     {CauseCode::Hanging, seconds(24)},
                     {CauseCode::SocketClosed, seconds(29)}};
    const auto judged = judge({broken(FaultKind::Cut, 20, 0, {20})}, {incident});
    CHECK(judged.incidents[0].misled == VirtualTime(seconds(7)));
    DiagnosisTally tally;
    tally.add(Scenario{}, judged);
    CHECK(tally.precision().misled == std::vector<VirtualTime>{seconds(7)});
}

TEST_CASE("of malformed frames the event of an unknown Task may be called another client's, and nothing else") {
    auto trace = broken(FaultKind::MalformedFrame, 20, 0, {20});
    trace.fault.amount = 1;
    trace.fault.salt = malformed_kinds + static_cast<std::uint64_t>(Malformed::EventOfUnknownTask);
    const std::vector incidents{said(CauseCode::Foreign, 20, 21, 20), said(CauseCode::BindingEnded, 20, 21, 20)};
    auto judged = judge({trace}, incidents);
    CHECK(judged.faults[0].verdict == FaultVerdict::Named);
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Right);
    CHECK(judged.incidents[1].verdict == IncidentVerdict::Wrong);
    ++trace.fault.salt; // an error about a token
    judged = judge({trace}, incidents);
    CHECK(judged.faults[0].verdict == FaultVerdict::Under);
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Wrong);
    CHECK(judged.incidents[1].verdict == IncidentVerdict::Right);
}

TEST_CASE("what is benign wants no incident, and a cause that follows from it is no mistake") {
    const std::vector faults{broken(FaultKind::UserCommands, 20, 0, {20})};
    CHECK(judge(faults, {}).faults[0].verdict == FaultVerdict::Benign);
    CHECK(judge(faults, {said(CauseCode::Asked, 20, 22, 20)}).incidents[0].verdict == IncidentVerdict::Right);
    CHECK(judge(faults, {said(CauseCode::SocketClosed, 20, 22, 20)}).incidents[0].verdict == IncidentVerdict::Wrong);
}

TEST_CASE("without faults every incident is false") {
    const auto judged = judge({}, {said(CauseCode::ServerLate, 20, 80, 30)});
    CHECK(judged.incidents[0].verdict == IncidentVerdict::Wrong);
    CHECK(judged.incidents[0].around.empty());
}

TEST_CASE("an effect is that of the faults of its kind that hold, or else of the last") {
    FaultEffects effects;
    effects.kept = true;
    effects.begin({.kind = FaultKind::Http404, .at = seconds(10), .lasts = seconds(5)});
    effects.begin({.kind = FaultKind::Http404, .at = seconds(12), .lasts = seconds(1)});
    effects.note(FaultKind::Http404, seconds(14));
    effects.note(FaultKind::Http404, seconds(20));
    CHECK(effects.traces()[0].times == std::vector<VirtualTime>{seconds(14)});
    CHECK(effects.traces()[1].times == std::vector<VirtualTime>{seconds(20)});
}

TEST_CASE("a lost event is seen when an answer holds its version, or says that the resource is gone") {
    FaultEffects effects;
    effects.kept = true;
    effects.begin({.kind = FaultKind::FrameDrop, .at = seconds(10), .lasts = seconds(5)});
    effects.lose("Task/1", "v1", FaultKind::FrameDrop);
    effects.lose("Task/2", "v2", FaultKind::FrameDrop);
    effects.answered(R"({"meta":{"versionId":"v0"}})", seconds(20));
    CHECK(effects.traces()[0].effects == 0);
    effects.answered(R"({"meta":{"versionId":"v1"}})", seconds(30));
    effects.found_gone("fhir/R4/Task/2", seconds(40));
    CHECK(effects.traces()[0].times == std::vector<VirtualTime>{seconds(30), seconds(40)});
    CHECK(effects.traces()[0].concerned == std::set<std::string>{"Task"});
}

TEST_CASE("the judgement of a seed is the same in each run, and is none where it is not asked for") {
    auto scenario = draw_scenario(5, std::chrono::minutes(1), Mode::Bounded, FaultSet::all());
    CHECK_FALSE(run(scenario).judgement);
    scenario.diagnosing = Diagnosing::Judged;
    const auto first = run(scenario), second = run(scenario);
    REQUIRE(first.judgement);
    REQUIRE(second.judgement);
    REQUIRE(first.judgement->incidents.size() == second.judgement->incidents.size());
    for (std::size_t i = 0; i < first.judgement->incidents.size(); ++i)
        CHECK(describe(first.judgement->incidents[i].incident) == describe(second.judgement->incidents[i].incident));
    CHECK(first.state_hashes == second.state_hashes);
}

TEST_CASE("a fault without which the client would have got the same is one without effect, and any other is not") {
    const auto inputs_of = [](const Scenario& scenario) {
        std::vector<std::string> inputs;
        run(scenario, Thoroughness::Quick,
            [&](unsigned, const engine::Input& input) { inputs.push_back(engine::to_bytes(input)); });
        return inputs;
    };
    unsigned hidden = 0, unnamed = 0;
    for (const std::uint64_t seed : {70u, 71u, 77u}) { // each has a fault that no incident names
        auto scenario = draw_scenario(seed, std::chrono::minutes(3), Mode::Bounded, FaultSet::all());
        scenario.diagnosing = Diagnosing::Judged;
        const Verdict verdict = run(scenario);
        for (const JudgedFault& fault : verdict.judgement->faults) {
            const bool excused = fault.verdict == FaultVerdict::WithoutEffect && fault.trace.effects > 0;
            if (!excused && fault.verdict != FaultVerdict::Missed && fault.verdict != FaultVerdict::Under) continue;
            ++(excused ? hidden : unnamed);
            auto without = scenario;
            std::erase_if(without.faults, [&](const Fault& other) { return other.salt == fault.trace.fault.salt; });
            scenario.diagnosing = without.diagnosing = Diagnosing::Counterfactual;
            CHECK((inputs_of(without) == inputs_of(scenario)) == excused);
            scenario.diagnosing = Diagnosing::Judged;
        }
    }
    CHECK(hidden > 0);
    CHECK(unnamed > 0);
}
