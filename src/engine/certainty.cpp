#include "engine/certainty.hpp"

#include <algorithm>

namespace fhirscope::engine {

std::string_view to_string(Certainty certainty) {
    switch (certainty) {
        case Certainty::Received:
            return "received";
        case Certainty::Compared:
            return "compared";
        case Certainty::MayBeStale:
            return "may be stale";
        case Certainty::Stale:
            return "stale";
        case Certainty::Checking:
            return "checking";
        case Certainty::OutOfView:
            return "out of view";
        case Certainty::Deleted:
            return "deleted";
    }
    return "?";
}

std::optional<Unheard> unheard_of(const Snapshot& snapshot, std::string_view type) {
    std::optional<Unheard> unheard;
    bool is_watched = false;
    for (const SubscriptionView& subscription : snapshot.subscriptions) {
        const std::string_view criteria = subscription.criteria;
        if (criteria.substr(0, criteria.find('?')) != type) continue;
        is_watched = true;
        if (subscription.unheard_since == LocalTime{}) continue;
        const LocalTime since = std::max(subscription.unheard_since, subscription.searched);
        LocalTime noticed = std::max(subscription.unheard_noticed, subscription.searched);
        // Nothing can be asked: an answer that comes late was asked for before.
        if (snapshot.connection.phase == Phase::LoginEnded) noticed = std::max(noticed, snapshot.at);
        unheard = unheard ? Unheard{std::min(unheard->since, since), std::max(unheard->noticed, noticed)}
                          : Unheard{since, noticed};
    }
    // Another client may poll for what it does not subscribe to.
    if (!is_watched && !snapshot.subscriptions.empty() && !snapshot.connection.observing)
        return Unheard{{}, LocalTime::max()};
    return unheard;
}

LocalTime vouched_at(const Record& record) {
    return std::max({record.changed_at, record.confirmed_at, record.compared_at});
}

bool is_of_last_session(const Record& record) {
    return record.standing == Standing::Unconfirmed && record.current().channel == Channel::Cache;
}

CertaintyView certainty_of(const Record& record, const std::optional<Unheard>& unheard) {
    const LocalTime vouched = vouched_at(record);
    switch (record.standing) {
        case Standing::Deleted:
            return {Certainty::Deleted, {}};
        case Standing::OutOfView:
            return {Certainty::OutOfView, {}};
        case Standing::Checking:
            if (record.server_side) return {Certainty::Stale, record.server_side->since};
            return {Certainty::Checking, {}};
        case Standing::Unconfirmed:
            return {Certainty::MayBeStale, unheard && !is_of_last_session(record)
                                               ? std::max(unheard->since, record.confirmed_at)
                                               : record.confirmed_at};
        case Standing::Current:
            break;
    }
    if (unheard && vouched <= unheard->noticed)
        return {Certainty::MayBeStale, unheard->is_unwatched() ? vouched : unheard->since};
    if (record.compared_at != LocalTime{} && record.compared_at >= record.changed_at)
        return {Certainty::Compared, record.compared_at};
    return {Certainty::Received, vouched};
}

} // namespace fhirscope::engine
