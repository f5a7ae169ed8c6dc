#include "diagnosis/causes/judge.hpp"

#include "diagnosis/mutation.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {
namespace {

// What a whole outage has for consequences: requests fail with it, and what comes after it comes at once.
bool by_outage(CauseCode other) {
    switch (other) {
        case CauseCode::Unreachable:
        case CauseCode::AnswersMissing:
        case CauseCode::ServerErrors:
        case CauseCode::EventsLost:
        case CauseCode::DeletionsSilent:
        case CauseCode::Drift:
        case CauseCode::Storm:
        case CauseCode::SlowPipeline:
        case CauseCode::Overtaken:
        case CauseCode::SubscriptionGone:
        case CauseCode::BindingEnded:
            return true;
        default:
            return false;
    }
}

// A dead socket answers no bind either.
bool by_dead_socket(CauseCode other) { return by_outage(other) || other == CauseCode::BindIgnored; }

bool by_deafness(CauseCode other) {
    return other == CauseCode::EventsLost || other == CauseCode::DeletionsSilent || other == CauseCode::Drift ||
           other == CauseCode::Storm || other == CauseCode::Overtaken;
}

// Who disconnects hears nothing, and asks less.
bool by_wish(CauseCode other) {
    return by_deafness(other) || other == CauseCode::SubscriptionGone || other == CauseCode::BindingEnded ||
           other == CauseCode::SlowPipeline;
}

// It answers 401, and nothing else than that: a server that is away or in trouble is so by itself.
bool by_login(CauseCode other) {
    return by_wish(other) || other == CauseCode::OutOfView || other == CauseCode::LoginRenewed ||
           other == CauseCode::PartialListing;
}

bool by_refusal(CauseCode other) { return by_deafness(other) || other == CauseCode::OutOfView; }

// What may not be seen is answered as if it were not there.
bool by_rights(CauseCode other) { return by_refusal(other) || other == CauseCode::OddRefusals; }

bool by_answers(CauseCode other) {
    return other == CauseCode::Drift || other == CauseCode::PartialListing || other == CauseCode::Rejected ||
           other == CauseCode::OutOfView || other == CauseCode::NoSuchOperation;
}

bool by_sleep(CauseCode other) {
    return by_dead_socket(other) || other == CauseCode::ServerLate || other == CauseCode::NetworkLate;
}

constexpr Cause table[] = {
    {CauseCode::Asked, judge_asked, by_wish},
    {CauseCode::LoginEnded, judge_login_ended, by_login},
    {CauseCode::WokenLate, judge_woken_late, by_sleep},
    {CauseCode::TlsRefused, judge_tls_refused, by_outage},
    {CauseCode::Restarted, judge_restarted, by_outage},
    {CauseCode::UpgradeRefused, judge_upgrade_refused, by_deafness},
    {CauseCode::Unreachable, judge_unreachable, by_outage},
    {CauseCode::NetworkLate, judge_network_late, by_dead_socket},
    {CauseCode::Hanging, mutated(Mutation::HangingIsHalfOpen) ? judge_half_open : judge_hanging, by_dead_socket},
    {CauseCode::HalfOpen, mutated(Mutation::HangingIsHalfOpen) ? judge_hanging : judge_half_open, by_dead_socket},
    {CauseCode::SocketClosed, judge_socket_closed, by_deafness},
    {CauseCode::FeatureOff, judge_feature_off, by_refusal},
    {CauseCode::Quota, judge_quota, by_refusal},
    {CauseCode::NoSuchOperation, judge_no_operation, by_refusal},
    {CauseCode::NotPermitted, judge_not_permitted, by_rights},
    {CauseCode::Throttled, judge_throttled, by_answers},
    {CauseCode::OtherAnswers, judge_other_answers, by_answers},
    {CauseCode::LoginRevoked, judge_login_revoked, by_login},
    {CauseCode::SubscriptionGone, judge_subscription_gone, by_deafness},
    {CauseCode::SubscriptionOff, judge_subscription_off, by_deafness},
    {CauseCode::LoginRenewed, judge_login_renewed, by_deafness},
    {CauseCode::BindIgnored, judge_bind_ignored, by_deafness},
    {CauseCode::BindingEnded, judge_binding_ended, by_deafness},
    {CauseCode::ServerErrors, judge_server_errors, by_answers},
    {CauseCode::OddRefusals, judge_odd_refusals, by_answers},
    {CauseCode::AnswersMissing, judge_answers_missing, by_answers},
    {CauseCode::EventsLost, judge_events_lost, by_deafness},
};

} // namespace

Judgement yes(const Tally::Count& seen) { return {Fit::Yes, seen.text, seen.first}; }
Judgement yes(std::string text, LocalTime caused) { return {Fit::Yes, std::move(text), caused}; }
Judgement maybe(std::string text) { return {Fit::Maybe, std::move(text)}; }
Judgement against(std::string text) { return {Fit::No, std::move(text), {}, true}; }

bool is_near(const Tally::Count& one, const Tally::Count& other) {
    constexpr std::chrono::seconds soon{15};
    return one.count > 0 && other.count > 0 && one.first - other.last <= soon && other.first - one.first <= soon;
}

bool comes_later(const Stretch& stretch, const Tally::Count& seen) {
    constexpr std::chrono::seconds soon{10};
    return stretch.effect == Effect::RealTime && seen.count > 0 && seen.first > stretch.noticed + soon;
}

std::span<const Cause> deciding_causes() { return table; }

const Cause* deciding(CauseCode code) {
    const auto found = std::find_if(std::begin(table), std::end(table), [&](const Cause& c) { return c.code == code; });
    return found == std::end(table) ? nullptr : found;
}

} // namespace fhirscope::diagnosis
