// What another client asked for: an answer to a search, a read or a history is what it was shown.

#include "engine/certainty.hpp"
#include "engine/connection/observed_sockets.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/versions.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/observed_exchange.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "fhir/bundle.hpp"
#include "fhir/criteria.hpp"
#include "fhir/percent.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t searches_kept = 64, listed_kept = 200'000;

bool arranges(std::string_view name) {
    constexpr std::array<std::string_view, 15> names = {
        "_sort",   "_count",    "_offset",  "_cursor",     "_total",    "_format",         "_pretty",    "_include",
        "_fields", "_elements", "_summary", "_revinclude", "_getpages", "_getpagesoffset", "_bundletype"};
    const std::string_view plain = name.substr(0, name.find(':'));
    return std::ranges::find(names, plain) != names.end();
}

ObservedSearch search_of(std::string_view type, std::string_view query) {
    ObservedSearch search;
    search.type = type;
    while (!query.empty()) {
        const std::string_view one = query.substr(0, query.find('&'));
        query = one.size() < query.size() ? query.substr(one.size() + 1) : std::string_view();
        const std::string decoded = fhir::percent_decode(one);
        const std::string_view text = decoded, name = text.substr(0, text.find('='));
        const std::string_view value = name.size() < text.size() ? text.substr(name.size() + 1) : std::string_view();
        const bool shortened = name == "_elements" || name == "_fields" || name == "_summary";
        if (shortened && value != "false") search.whole = false;
        if (name == "_lastUpdated" && (value.starts_with("ge") || value.starts_with("gt")))
            search.since = std::max(search.since, fhir::parse_instant(value.substr(2)).value_or(ServerTime::max()));
        else if (!name.empty() && !arranges(name))
            search.wanted.insert(decoded);
    }
    return search;
}

bool covers(const ObservedSearch& search, const Subscription& subscription) {
    const std::string_view criteria = subscription.view.criteria;
    if (subscription.type != search.type || criteria.empty()) return false;
    const auto query = criteria.find('?');
    const ObservedSearch own =
        search_of(search.type, query == std::string_view::npos ? std::string_view() : criteria.substr(query + 1));
    return std::ranges::includes(own.wanted, search.wanted);
}

// What the search would have listed, and did not: the client has it no more from a search, and nothing told it why.
void doubt_unlisted(State& s, const ObservedSearch& search) {
    std::string text = search.type;
    for (const std::string& parameter : search.wanted) text += (text == search.type ? "?" : "&") + parameter;
    const auto criteria = fhir::Criteria::parse(text);
    if (!criteria) return;
    for (TypeIndex t = 0; t < s.stores.type_count(); ++t) {
        if (s.stores.type_name(t) != search.type) continue;
        for (std::uint32_t n = 0; n < s.stores.size(t); ++n) {
            const Record& record = s.stores.at({t, n});
            if (record.standing != Standing::Current || !record.resource() || record.key_only() ||
                vouched_at(record) > search.asked || search.listed.contains(record.reference))
                continue;
            if (criteria->matches(*record.resource(), match_mode(s.config)) == fhir::Match::Yes)
                s.stores.set_standing({t, n}, Standing::Unconfirmed);
        }
    }
}

void search_is_over(State& s, const ObservedSearch& search) {
    const bool of_deleted = search.wanted.contains("_deleted=true");
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i) {
        if (of_deleted || !covers(search, s.subscriptions[i])) continue;
        const LocalTime unheard = s.subscriptions[i].view.unheard_since;
        const bool all = search.since == ServerTime{};
        if (all || (unheard != never && search.since <= server_time(s, unheard)))
            observed_caught_up(s, i, search.asked);
    }
    if (search.since == ServerTime{} && !of_deleted) doubt_unlisted(s, search);
}

void take_entry(State& s, fhir::BundleEntry& entry, ObservedSearch& search, const Update& form) {
    if (entry.search_mode == "outcome") return;
    const bool deleted = entry.is_deletion() || search.wanted.contains("_deleted=true");
    const std::string reference = entry.reference();
    if (!fhir::is_reference(reference)) return;
    if (search.listed.size() < listed_kept && entry.search_mode != "include") search.listed.insert(reference);
    Update update = form;
    update.reference = reference;
    if (deleted) {
        const Record* held = s.stores.get(reference);
        if (!held || !held->resource()) return;
        update.deleted = true;
        update.deleted_at = entry.resource ? entry.resource->last_updated() : std::nullopt;
        return enqueue(s, std::move(update));
    }
    if (!entry.resource || !is_listed(entry)) return;
    if (search.whole) {
        update.resource = std::move(entry.resource);
        return enqueue(s, std::move(update));
    }
    const Listed listed = listed_as(s, *entry.resource); // its version, and not what it says
    if (listed.version_id.empty() || is_known(s, reference, listed, update.asked)) return;
    Untold told;
    told.reference = reference;
    told.version = listed.version_id;
    told.method = "GET";
    told.since = s.now;
    expect_told(s, std::move(told), update.asked);
}

} // namespace

void take_search(State& s, const Exchange& e, const Target& target, const std::string& url) {
    if (e.answer.status != 200 || !e.answer.body) return;
    auto page = fhir::parse_bundle(*e.answer.body);
    if (!page || page->type != "searchset") return;
    std::string query = target.query;
    if (target.rest == "_search" && e.sent) query += (query.empty() ? "" : "&") + *e.sent;
    ObservedSearch search = search_of(target.type, query);
    search.asked = e.asked;
    auto& under_way = s.observation->searches;
    if (auto node = under_way.extract(url); !node.empty()) search = std::move(node.mapped());

    Update form;
    form.received = s.now;
    form.asked = e.asked;
    form.channel = Channel::Poll;
    for (SubscriptionIndex i = 0; i < s.subscriptions.size() && form.channel == Channel::Poll; ++i) {
        if (!covers(search, s.subscriptions[i])) continue;
        const bool again = s.subscriptions[i].baseline_done && s.subscriptions[i].first_bound != never;
        form.channel = again ? Channel::CatchUp : Channel::Baseline;
        form.subscription = i;
    }
    for (const fhir::Unreadable& lost : page->unreadable) reject_unreadable(s, lost, form.channel, form.subscription);
    for (fhir::BundleEntry& entry : page->entries) take_entry(s, entry, search, form);
    if (page->next.empty()) return search_is_over(s, search);
    if (under_way.size() >= searches_kept) under_way.erase(under_way.begin());
    under_way[page->next] = std::move(search);
}

// The newest entry of each is what the server has; those before it are its history.
void take_history(State& s, const Exchange& e) {
    if (e.answer.status != 200 || !e.answer.body) return;
    auto page = fhir::parse_bundle(*e.answer.body);
    if (!page || page->type != "history") return;
    std::set<std::string> newest, gone; // gone: already, and what came before brings nothing back
    std::vector<Update> updates;
    bool nameless_deletion = false; // the newest of the one resource that the history is of, where it names nothing
    for (fhir::BundleEntry& entry : page->entries) {
        const bool deletes = entry.is_deletion() || entry.status.starts_with("410"); // Medplum 5.0 says GET
        const std::string reference = entry.reference();
        if (!fhir::is_reference(reference)) nameless_deletion |= deletes && newest.empty();
        if (!fhir::is_reference(reference) || reference.starts_with("Subscription/")) continue;
        const bool first = newest.insert(reference).second;
        if (first && std::exchange(nameless_deletion, false)) gone.insert(reference);
        if (gone.contains(reference)) continue;
        Update update;
        update.reference = reference;
        update.received = s.now;
        update.channel = Channel::Read;
        if (first) update.asked = e.asked;
        if (deletes) {
            const Record* held = s.stores.get(reference);
            if (first && (!held || !held->resource())) gone.insert(reference);
            if (!first || !held || !held->resource()) continue;
            update.deleted = true;
        } else if (entry.resource && is_listed(entry)) {
            update.resource = std::move(entry.resource);
        } else {
            continue;
        }
        updates.push_back(std::move(update));
    }
    for (auto update = updates.rbegin(); update != updates.rend(); ++update) enqueue(s, std::move(*update));
}

} // namespace fhirscope::engine
