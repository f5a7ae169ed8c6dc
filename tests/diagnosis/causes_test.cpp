// Each cause: what decides it, and what refutes it.
#include "diagnosis/catalog.hpp"
#include "diagnosis/causes/judging.hpp"
#include "diagnosis/causes/table.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <initializer_list>
#include <set>

namespace fhirscope::tests {
namespace {

using namespace std::chrono_literals;
using diagnosis::CauseCode;
using diagnosis::Judged;
using diagnosis::Seen;
using diagnosis::Stretch;

const LocalTime midday{std::chrono::seconds(1'773'325'927)};

struct At {
    Seen seen;
    std::chrono::milliseconds after_noticed{0};
    std::uint16_t status = 0;
};

// It began at midday, and was noticed five seconds later.
Stretch stretch(diagnosis::Effect effect, std::initializer_list<At> observations) {
    Stretch made;
    made.effect = effect;
    made.from = midday;
    made.noticed = midday + 5s;
    for (const At& one : observations) {
        const LocalTime at = made.noticed + one.after_noticed;
        made.tally.add({one.seen, engine::no_subscription, {at, "seen", {}}, one.status});
        if (one.seen == Seen::Answered && at > made.from && (made.answered == LocalTime{} || at < made.answered))
            made.answered = at;
    }
    return made;
}

CauseCode cause_of(diagnosis::Effect effect, std::initializer_list<At> observations) {
    return diagnosis::judge(stretch(effect, observations)).cause;
}

} // namespace

TEST_CASE("a lost connection: one cause, by what was seen of socket, attempts and requests") {
    const auto real_time = [](std::initializer_list<At> seen) { return cause_of(diagnosis::Effect::RealTime, seen); };
    CHECK(real_time({{Seen::Closed}}) == CauseCode::SocketClosed);
    // What may not be bound on the next socket keeps real time down, whatever ended the first.
    CHECK(real_time({{Seen::Closed}, {Seen::RequestForbidden, 1s}, {Seen::AttemptRefused, 1s}}) ==
          CauseCode::NotPermitted);
    CHECK(real_time({{Seen::Closed}, {Seen::RequestFeature, 1s}, {Seen::GivenUp, 1s}}) == CauseCode::FeatureOff);
    CHECK(real_time({{Seen::Closed}, {Seen::AttemptFailed, 1s}}) == CauseCode::Restarted);
    CHECK(real_time({{Seen::Closed}, {Seen::RequestNotSent, 1s}}) == CauseCode::Restarted);
    CHECK(real_time({{Seen::Closed, 0ms, 1012}}) == CauseCode::Restarted);
    CHECK(real_time({{Seen::AttemptFailed}, {Seen::RequestNotSent, 1s}}) == CauseCode::Unreachable);
    CHECK(real_time({{Seen::AttemptUpgrade}, {Seen::Answered, 1s}}) == CauseCode::UpgradeRefused);
    CHECK(real_time({{Seen::AttemptFailed}, {Seen::Answered, 1s}, {Seen::AttemptFailed, 2s}, {Seen::Answered, 3s}}) ==
          CauseCode::UpgradeRefused);
    CHECK(real_time({{Seen::AttemptTls}}) == CauseCode::TlsRefused);
    CHECK(real_time({{Seen::Disconnected}}) == CauseCode::Asked);
    CHECK(real_time({{Seen::Dropped}}) == CauseCode::Asked);
    CHECK(real_time({}) == CauseCode::NotKnown);
}

TEST_CASE("a silent socket: requests tell a dead connection from a server that hangs") {
    const Seen silent = GENERATE(Seen::PongMissing, Seen::Silence);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{silent}, {Seen::Answered, 500ms}}) == CauseCode::HalfOpen);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{silent}, {Seen::Answered, 500ms}, {Seen::BindUnanswered, 10s}}) ==
          CauseCode::BindIgnored);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{silent}, {Seen::RequestUnanswered, -1s}}) == CauseCode::Hanging);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{silent}, {Seen::AttemptTimedOut, 5s}}) == CauseCode::Hanging);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{silent}, {Seen::Answered, 20s}}) == CauseCode::Hanging);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::FramesLate, -2s}, {silent}}) == CauseCode::NetworkLate);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::PongLate}, {Seen::Answered, 1s}}) == CauseCode::NetworkLate);
    const Judged undecided = diagnosis::judge(stretch(diagnosis::Effect::RealTime, {{silent}}));
    CHECK(std::set<CauseCode>{undecided.cause, undecided.alternatives.at(0)} ==
          std::set<CauseCode>{CauseCode::HalfOpen, CauseCode::Hanging});
    CHECK(undecided.confidence < 50);
    // What is answered only when the socket was given up may have hung until then.
    const auto sure = [&](std::chrono::milliseconds answered) {
        return diagnosis::judge(stretch(diagnosis::Effect::RealTime, {{silent}, {Seen::Answered, answered}}))
                   .confidence == 100;
    };
    CHECK(sure(-2s));
    CHECK_FALSE(sure(500ms));
}

TEST_CASE("a login that has ended explains every refusal that follows it") {
    CHECK(cause_of(diagnosis::Effect::RealTime,
                   {{Seen::LoginEnded}, {Seen::Request401}, {Seen::RequestForbidden, 1s}}) == CauseCode::LoginEnded);
    CHECK(cause_of(diagnosis::Effect::Hearing, {{Seen::LoginEnded}, {Seen::Unlisted, 1s}}) == CauseCode::LoginEnded);
    // One that ended later did not close this socket.
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::Closed}, {Seen::LoginEnded, 20s}}) == CauseCode::SocketClosed);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::PongMissing}, {Seen::Request401}, {Seen::LoginEnded, 1s}}) !=
          CauseCode::LoginEnded);
}

TEST_CASE("a revoked login takes with it what was bound, an expired token does not") {
    CHECK(cause_of(diagnosis::Effect::Hearing, {{Seen::LoginRenewed, -1s}, {Seen::Unlisted}}) ==
          CauseCode::LoginRevoked);
    // A Subscription that is gone then may have been deleted by itself: both are named.
    const Judged both = diagnosis::judge(stretch(diagnosis::Effect::Hearing, {{Seen::Gone}, {Seen::LoginRenewed, 1s}}));
    CHECK(both.cause == CauseCode::LoginRevoked);
    CHECK(both.alternatives == std::vector<CauseCode>{CauseCode::SubscriptionGone});
    CHECK(cause_of(diagnosis::Effect::Login, {{Seen::LoginRenewed}}) == CauseCode::LoginRenewed);
    // Renewed half a minute before, or later: the one has nothing to do with the other.
    CHECK(cause_of(diagnosis::Effect::Hearing, {{Seen::LoginRenewed, -30s}, {Seen::Gone}}) ==
          CauseCode::SubscriptionGone);
    CHECK(cause_of(diagnosis::Effect::Hearing, {{Seen::Unlisted}, {Seen::LoginRenewed, 30s}}) ==
          CauseCode::BindingEnded);
}

TEST_CASE("sleep of this computer explains what was due meanwhile, and nothing else") {
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::WokenLate, -1ms}, {Seen::PongMissing}}) ==
          CauseCode::WokenLate);
    Stretch due_meanwhile = stretch(diagnosis::Effect::RealTime, {{Seen::PongMissing}, {Seen::Answered, 25s}});
    due_meanwhile.tally.add({Seen::WokenLate, engine::no_subscription, {midday - 5s, "slept", {}}, 0, 35s});
    CHECK(diagnosis::judge(due_meanwhile).cause == CauseCode::WokenLate);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::Closed}, {Seen::WokenLate, 2s}}) == CauseCode::SocketClosed);
    CHECK(cause_of(diagnosis::Effect::RealTime, {{Seen::WokenLate, -30s}, {Seen::Closed}}) == CauseCode::SocketClosed);
}

TEST_CASE("a deaf subscription: gone, unlisted, off, or not told") {
    const auto hearing = [](std::initializer_list<At> seen) { return cause_of(diagnosis::Effect::Hearing, seen); };
    CHECK(hearing({{Seen::Gone}, {Seen::Deaf}}) == CauseCode::SubscriptionGone);
    // Where all is answered with 404, it says nothing of the Subscription.
    CHECK(hearing({{Seen::Gone}, {Seen::RequestOdd, 10ms, 404}}) == CauseCode::OddRefusals);
    CHECK(hearing({{Seen::Gone}, {Seen::RequestOdd, 10s, 404}}) == CauseCode::SubscriptionGone);
    CHECK(hearing({{Seen::Gone}, {Seen::RequestOdd, 10ms, 409}}) == CauseCode::SubscriptionGone);
    CHECK(hearing({{Seen::Unlisted}}) == CauseCode::BindingEnded);
    CHECK(hearing({{Seen::Gone}, {Seen::Unlisted}}) == CauseCode::SubscriptionGone);
    CHECK(hearing({{Seen::StatusBad}}) == CauseCode::SubscriptionOff);
    CHECK(hearing({{Seen::BindUnanswered}}) == CauseCode::BindIgnored);
    CHECK(hearing({{Seen::RequestFeature}}) == CauseCode::FeatureOff);
    CHECK(hearing({{Seen::RequestQuota}}) == CauseCode::Quota);
    CHECK(hearing({{Seen::RequestForbidden}}) == CauseCode::NotPermitted);
    CHECK(hearing({{Seen::Request429}}) == CauseCode::Throttled);
    Stretch over = stretch(diagnosis::Effect::Hearing, {{Seen::Deaf}});
    CHECK(diagnosis::judge(over).alternatives == std::vector{CauseCode::EventsLost}); // or its binding ended
    over.token_end = over.noticed - 1s;
    CHECK(diagnosis::judge(over).cause == CauseCode::BindingEnded);
    CHECK(diagnosis::judge(over).alternatives.empty());
}

TEST_CASE("a server that once gave tokens has the operation") {
    Stretch at_first = stretch(diagnosis::Effect::Hearing, {{Seen::OperationMissing}});
    at_first.began_live = false;
    CHECK(diagnosis::judge(at_first).cause == CauseCode::NoSuchOperation);
    at_first.began_live = true;
    CHECK(diagnosis::judge(at_first).cause != CauseCode::NoSuchOperation);
}

TEST_CASE("100 % is said only where no other cause is possible, and what refutes the others is told") {
    const Judged sure = diagnosis::judge(stretch(diagnosis::Effect::RealTime, {{Seen::Closed}}));
    CHECK(sure.confidence == 100);
    const auto refuted = [&](CauseCode cause) {
        return std::any_of(sure.ruled_out.begin(), sure.ruled_out.end(),
                           [&](const auto& one) { return one.cause == cause && one.tested && !one.text.empty(); });
    };
    CHECK(refuted(CauseCode::Restarted));
    CHECK(refuted(CauseCode::HalfOpen));
    CHECK(refuted(CauseCode::Hanging));
    CHECK_FALSE(refuted(CauseCode::SocketClosed));
}

TEST_CASE("each cause has a name and an id of its own, and words in the catalogue") {
    std::set<std::string_view> names, ids;
    for (const diagnosis::CauseInfo& cause : diagnosis::all_causes()) {
        CAPTURE(cause.name);
        CHECK(names.insert(cause.name).second);
        CHECK(ids.insert(cause.id).second);
        CHECK_FALSE(cause.headline.empty());
        CHECK(diagnosis::catalog_entry(cause.id) != nullptr);
    }
}

} // namespace fhirscope::tests
