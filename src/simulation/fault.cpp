#include "simulation/fault.hpp"

#include "fhir/random.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace fhirscope::simulation {

namespace {

constexpr std::array<FaultInfo, fault_kinds> table{{
    {"frame-delay", 500, 20'000, 20, 4'000, "ms"},
    {"frame-reorder", 2'000, 60'000, 10, 1'500, "ms of spread"},
    {"frame-duplicate", 2'000, 60'000, 5, 100, "percent"},
    {"frame-drop", 500, 10'000, 5, 100, "percent"},
    {"malformed-frame", 0, 0, 1, 5, "frames"},
    {"oversized-frame", 0, 0, 100, 400, "KB"},
    {"cut", 0, 0, 0, 1, ""},
    {"half-open", 0, 0, 10, 60, "s until the server notices"},
    {"refused-connect", 1'000, 30'000, 0, 2, "0 all, 1 sockets, 2 requests"},
    {"stalled-response", 1'000, 20'000, 100, 40'000, "ms"},
    {"split-response", 500, 15'000, 10, 100, "percent"},
    {"http-401", 500, 15'000, 10, 100, "percent"},
    {"http-403", 500, 15'000, 10, 100, "percent"},
    {"http-404", 500, 15'000, 10, 100, "percent"},
    {"http-409", 500, 15'000, 10, 100, "percent"},
    {"http-410", 500, 15'000, 10, 100, "percent"},
    {"http-412", 500, 15'000, 10, 100, "percent"},
    {"http-429", 500, 15'000, 10, 100, "percent"},
    {"http-5xx", 500, 15'000, 10, 100, "percent"},
    {"html-answer", 500, 15'000, 10, 100, "percent"},
    {"local-clock-jump", 0, 0, 100, 120'000, "ms ahead"},
    {"client-suspended", 1'000, 60'000, 0, 0, ""},
    {"server-clock-jump", 0, 0, -30'000, 120'000, "ms"},
    {"server-skew", 0, 0, -300'000, 300'000, "ms from the start"},
    {"access-token-expired", 0, 0, 0, 0, ""},
    {"binding-expired", 0, 0, 0, 0, ""},
    {"login-revoked", 0, 0, 0, 0, ""},
    {"login-ended", 1'000, 60'000, 0, 1, "0 its token is refused, 1 it cannot be renewed"},
    {"secret-rotated", 1'000, 60'000, 0, 2, "0 tokens stay good, 1 access tokens end, 2 logins end"},
    {"feature-removed", 1'000, 60'000, 0, 0, ""},
    {"policy-changed", 1'000, 60'000, 0, 3,
     "0 without Task, 1 without Subscription, 2 female Patients only, 3 without Basic"},
    {"subscription-deleted", 0, 0, 0, 2, "which"},
    {"subscriptions-expired", 0, 0, 0, 0, ""},
    {"dead-listed", 0, 0, 1, 4, "Subscriptions of each socket that are gone"},
    {"hanging-server", 1'000, 60'000, 0, 0, ""},
    {"queue-delay", 1'000, 60'000, 50, 30'000, "ms"},
    {"restart-with-subscriptions", 200, 15'000, 0, 0, ""},
    {"restart-without-subscriptions", 200, 15'000, 0, 0, ""},
    {"silent-bind", 1'000, 30'000, 0, 0, ""},
    {"heartbeat-before-handshake", 1'000, 60'000, 1, 2'000, "ms between"},
    {"ghost-delete", 0, 0, 1, 4, "resources"},
    {"version-tie", 0, 0, 2, 4, "versions of one millisecond"},
    {"deletes", 0, 0, 1, 5, "tasks, every other one written again"},
    {"burst", 0, 0, 10, 150, "changes"},
    {"writers", 1'000, 40'000, 50, 2'500, "ms that a commit takes to be seen"},
    {"slow-consumer", 500, 20'000, 50, 5'000, "ms"},
    {"user-commands", 0, 0, 1, 4, "commands"},
}};

// Each seed mixes a few kinds, some of them more than once: faults are worst in company of their own.
constexpr std::int64_t kinds_least = 1, kinds_most = 5, faults_least = 2, faults_most = 12;

} // namespace

const FaultInfo& info(FaultKind kind) { return table[static_cast<std::size_t>(kind)]; }

bool needs_second_line(FaultKind kind) {
    switch (kind) {
        case FaultKind::FrameDrop:
        case FaultKind::RefusedConnect:
        case FaultKind::StalledResponse:
        case FaultKind::SplitResponse:
        case FaultKind::Http401:
        case FaultKind::Http403:
        case FaultKind::Http404:
        case FaultKind::Http409:
        case FaultKind::Http410:
        case FaultKind::Http412:
        case FaultKind::Http429:
        case FaultKind::Http5xx:
        case FaultKind::HtmlAnswer:
        case FaultKind::LocalClockJump:
        case FaultKind::ClientSuspended:
        case FaultKind::ServerClockJump:
        case FaultKind::BindingExpired:
        case FaultKind::LoginRevoked:
        case FaultKind::SecretRotated:
        case FaultKind::FeatureRemoved:
        case FaultKind::PolicyChanged:
        case FaultKind::SubscriptionDeleted:
        case FaultKind::SubscriptionsExpired:
        case FaultKind::HangingServer:
        // What was matched to a Subscription that was renewed before its event left is lost without a sign.
        case FaultKind::QueueDelay:
            return true;
        default:
            return false;
    }
}

Malformed malformed(const Fault& fault, std::int64_t number) {
    return static_cast<Malformed>((fault.salt + static_cast<std::uint64_t>(number)) % malformed_kinds);
}

bool sends(const Fault& fault, Malformed frame) {
    if (fault.kind != FaultKind::MalformedFrame) return false;
    for (std::int64_t i = 0; i < fault.amount; ++i)
        if (malformed(fault, i) == frame) return true;
    return false;
}

std::string describe(const Fault& fault) {
    const FaultInfo& about = info(fault.kind);
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%8.3f s: ", static_cast<double>(fault.at.count()) / 1e6);
    std::string text = buffer + std::string(about.name);
    if (fault.lasts.count() > 0) {
        std::snprintf(buffer, sizeof buffer, " for %.3f s", static_cast<double>(fault.lasts.count()) / 1e6);
        text += buffer;
    }
    if (!about.amount.empty()) text += ", " + std::to_string(fault.amount) + " " + std::string(about.amount);
    return text;
}

FaultSet FaultSet::all() {
    FaultSet set;
    set.kinds_.set();
    return set;
}

Result<FaultSet> FaultSet::parse(std::string_view text) {
    FaultSet set;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        std::string_view name = text.substr(begin, end - begin);
        begin = end + 1;
        const bool remove = name.starts_with('-');
        if (remove) name.remove_prefix(1);
        if (name == "all") {
            remove ? set.kinds_.reset() : set.kinds_.set();
            continue;
        }
        if (name == "none") {
            set.kinds_.reset();
            continue;
        }
        const auto found = std::find_if(table.begin(), table.end(), [&](const FaultInfo& f) { return f.name == name; });
        if (found == table.end()) {
            std::string names;
            for (const FaultInfo& f : table) names += (names.empty() ? "" : ", ") + std::string(f.name);
            return fail(ErrorCode::Fault,
                        "there is no fault \"" + std::string(name) + "\". There are: all, none, " + names);
        }
        set.kinds_.set(static_cast<std::size_t>(found - table.begin()), !remove);
    }
    return set;
}

std::vector<FaultKind> FaultSet::kinds() const {
    std::vector<FaultKind> kinds;
    for (std::size_t i = 0; i < fault_kinds; ++i)
        if (kinds_[i]) kinds.push_back(static_cast<FaultKind>(i));
    return kinds;
}

std::vector<Fault> draw_schedule(std::uint64_t seed, VirtualTime duration, const FaultSet& set) {
    Random random(seed ^ 0xfa017fa017ULL);
    std::vector<FaultKind> kinds = set.kinds();
    if (kinds.empty()) return {};
    const auto chosen =
        std::min<std::size_t>(kinds.size(), static_cast<std::size_t>(random.between(kinds_least, kinds_most)));
    for (std::size_t i = 0; i < chosen; ++i)
        std::swap(kinds[i], kinds[i + static_cast<std::size_t>(random.below(kinds.size() - i))]);
    kinds.resize(chosen);

    std::vector<Fault> faults;
    const std::int64_t count =
        std::max<std::int64_t>(static_cast<std::int64_t>(chosen), random.between(faults_least, faults_most));
    for (std::int64_t i = 0; i < count; ++i) {
        Fault fault;
        fault.kind = kinds[static_cast<std::size_t>(i) % chosen];
        const FaultInfo& about = info(fault.kind);
        const auto longest = std::min<std::int64_t>(about.longest_ms, duration.count() / 2'000);
        fault.lasts = std::chrono::milliseconds(random.between(std::min(about.shortest_ms, longest), longest));
        const auto latest = (duration - fault.lasts).count();
        // Skew is there from the beginning.
        fault.at = fault.kind == FaultKind::ServerSkew ? VirtualTime(0) : VirtualTime(random.between(0, latest));
        // Half of the faults come close behind another one, where trouble meets the recovery from trouble.
        if (!faults.empty() && fault.kind != FaultKind::ServerSkew && random.chance(50)) {
            const Fault& other = faults[static_cast<std::size_t>(random.below(faults.size()))];
            fault.at = std::min(VirtualTime(latest), other.at + VirtualTime(random.between(0, 12'000'000)));
        }
        // Small amounts are as interesting as large ones.
        fault.amount = random.chance(50) ? random.between(about.least, about.most)
                                         : random.between(about.least, about.least + (about.most - about.least) / 8);
        fault.salt = random.next();
        faults.push_back(fault);
    }
    std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) { return a.at < b.at; });
    return faults;
}

} // namespace fhirscope::simulation
