// What another client's exchanges say. An answer to a search or a read is what the client was shown; an answer to a
// write is what the server has, and a client that listens expects to be told of it.

#include "engine/recovery/observed.hpp"

#include "engine/certainty.hpp"
#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/dialect_traits.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/run.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/pipeline/frames.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/binding_token.hpp"
#include "fhir/bundle.hpp"
#include "fhir/criteria.hpp"
#include "fhir/notification.hpp"
#include "fhir/percent.hpp"
#include "fhir/reference.hpp"
#include "fhir/slice.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t untold_kept = 20'000, searches_kept = 64, tokens_kept = 4'096, listed_kept = 200'000;
constexpr std::uint32_t refusals_of_login = 2; // in a row: one may be about its request

// One exchange, alone or within a batch.
struct Exchange {
    std::string method, path; // below the FHIR address, with the query
    HttpAnswer answer;
    Text sent;
    LocalTime asked;
    bool ok() const { return answer.status >= 200 && answer.status < 300; }
};

struct Target {
    std::string type, id, rest; // "Task", "1", "_history/2"
    std::string query;
    std::string reference() const { return type + "/" + id; }
};

Target target_of(std::string_view path) {
    Target target;
    const auto query = path.find('?');
    if (query != std::string_view::npos) target.query = path.substr(query + 1);
    std::string_view rest = path.substr(0, query);
    const auto take = [&] {
        const auto slash = rest.find('/');
        std::string part = fhir::percent_decode(rest.substr(0, slash));
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        return part;
    };
    target.type = take();
    if (rest.starts_with('$') || rest.starts_with('_')) {
        target.rest = rest;
        return target;
    }
    target.id = take();
    target.rest = rest;
    return target;
}

// "Task/1" of an address below the server's; nullopt: it is no FHIR address.
std::optional<std::string> fhir_path_of(const State& s, std::string_view url) {
    const std::string whole = s.config.base_url + s.config.fhir_path;
    if (url.starts_with(whole)) return std::string(url.substr(whole.size()));
    if (std::string_view(whole).substr(0, whole.size() - 1) == url) return std::string();
    if (s.config.fhir_path.empty()) return std::nullopt;
    const auto at = url.find('/' + s.config.fhir_path); // the same server by another name
    if (at == std::string_view::npos) return std::nullopt;
    return std::string(url.substr(at + 1 + s.config.fhir_path.size()));
}

RequestFor purpose_of(const Exchange& e, const Target& target) {
    if (target.type == "Subscription") return RequestFor::Subscription;
    if (e.method != "GET" && target.rest != "_search") return RequestFor::Write;
    return target.id.empty() ? RequestFor::Search : RequestFor::Read;
}

ServerTime server_time(const State& s, LocalTime at) {
    const auto offset = s.connection.clock_known ? s.connection.clock_offset : std::chrono::microseconds(0);
    return ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch() + offset));
}

// --- the login

void note_login(State& s, const Exchange& e, bool open_to_all) {
    ConnectionView& c = s.connection;
    if (e.answer.status == 401) {
        if (++s.observation->refusals != refusals_of_login || c.login_ended != never) return;
        c.login_ended = s.now;
        c.login_problem = fact_of(e.answer);
        return log_event(s, Fact{.code = FactCode::LoginEnded}.because(c.login_problem));
    }
    if (!e.ok() || open_to_all) return;
    s.observation->refusals = 0;
    c.login_accepted = s.now;
    if (std::exchange(c.login_ended, never) == never) return;
    c.login_problem = {};
    log_event(s, {.code = FactCode::LoginAccepted});
}

// --- what the server has, and nothing has shown

bool is_shown(const State& s, const Untold& told) {
    const Record* held = s.stores.get(told.reference);
    if (!held) return false;
    if (told.deleted) return !held->resource();
    const auto has = [&](const VersionPtr& version) {
        return version->resource && !told.version.empty() && version->version_id() == told.version;
    };
    if (std::ranges::any_of(held->history, has)) return true;
    const auto changed = told.resource ? told.resource->last_updated() : std::nullopt;
    return changed && held->current().last_updated && *held->current().last_updated >= *changed && held->resource();
}

RowPtr row_of(const State& s, const Untold& told) {
    const RowMaker* maker = told.resource ? row_maker(s, told.resource->type()) : nullptr;
    std::uint64_t changed_cells = 0;
    return maker ? maker->make_row(*told.resource, nullptr, {}, changed_cells) : nullptr;
}

// What is shown is not what the server has.
void mark(State& s, const Untold& told) {
    const auto position = s.stores.find(told.reference);
    if (!position || !s.stores.at(*position).resource()) return;
    ServerSide side;
    side.version = told.deleted ? std::string() : told.version;
    side.since = told.since;
    side.row = row_of(s, told);
    s.stores.set_server_side(*position, std::make_shared<const ServerSide>(std::move(side)));
}

void expect_told(State& s, Untold told, LocalTime asked) {
    s.observation->shown = nullptr;
    s.observation->untold.erase(told.reference);
    if (is_shown(s, told) || s.observation->untold.size() >= untold_kept) return;
    mark(s, told);
    std::string reference = told.reference;
    const LocalTime due = s.now + s.config.missed_grace;
    s.observation->due = earlier(s.observation->due, due);
    s.observation->untold.emplace(std::move(reference), PendingTold{std::move(told), asked, due});
    if (s.observation->untold.size() == untold_kept)
        log_event(s, {.code = FactCode::UntoldLeftOut, .count = static_cast<std::int64_t>(untold_kept)});
}

void take_deletion_by_frame(State& s, const std::string& reference, const ReadCause& cause) {
    const Record* held = s.stores.get(reference);
    if (!held || !held->resource()) return;
    Update update;
    update.reference = reference;
    update.deleted = true;
    update.deleted_at = std::max(server_time(s, s.now), held->current().last_updated.value_or(ServerTime{}));
    update.received = s.now;
    update.channel = Channel::Socket;
    update.frame = cause.frame;
    update.subscription = held->current().subscription;
    enqueue(s, std::move(update));
}

void take_deleted(State& s, const Exchange& e, const std::string& reference) {
    auto& deleted = s.observation->deleted;
    if (deleted.size() >= untold_kept) deleted.clear(); // those of long ago: their frames have come
    deleted[reference] = s.now;
    const auto wanted = s.reads->wanted.find(reference);
    if (wanted != s.reads->wanted.end() && wanted->second.cause.told) { // its frame came before the answer
        const ReadCause cause = wanted->second.cause;
        s.reads->wanted.erase(wanted);
        return take_deletion_by_frame(s, reference, cause);
    }
    const Record* held = s.stores.get(reference);
    if (!held || !held->resource()) return;
    Untold told;
    told.reference = reference;
    told.method = e.method;
    told.since = s.now;
    told.deleted = true;
    expect_told(s, std::move(told), e.asked);
}

// "W/"7"" → "7"; "…/Task/1/_history/7" → "7".
std::string version_in(const HttpAnswer& answer) {
    const auto first = answer.etag.find('"'), last = answer.etag.rfind('"');
    if (first != std::string::npos && last > first + 1) return answer.etag.substr(first + 1, last - first - 1);
    constexpr std::string_view mark = "/_history/";
    const auto at = answer.location.find(mark);
    return at == std::string::npos ? std::string() : answer.location.substr(at + mark.size());
}

void take_written(State& s, const Exchange& e, const Target& target) {
    fhir::ResourcePtr stored;
    if (e.answer.body) {
        auto parsed =
            fhir::parse_resource(*e.answer.body, fhir::answer_limits(), {e.answer.etag, e.answer.last_modified});
        if (parsed && (*parsed)->type() == target.type && fhir::is_usable_id((*parsed)->id()))
            stored = std::move(*parsed);
    }
    Untold told;
    told.reference = stored               ? stored->reference()
                     : !target.id.empty() ? target.reference()
                                          : std::string(fhir::local_reference(e.answer.location));
    if (!fhir::is_reference(told.reference)) return;
    told.version = stored ? std::string(stored->version_id()) : version_in(e.answer);
    told.method = e.method;
    told.since = s.now;
    if (const auto changed = stored && stored->time_is_exact() ? stored->last_updated() : std::nullopt) {
        if (e.method == "POST" && e.answer.status == 201) sample_clock(s, *changed, e.asked);
        if (s.connection.clock_known)
            told.since = std::min(s.now, LocalTime(changed->time_since_epoch()) - s.connection.clock_offset);
    }
    told.resource = std::move(stored);
    s.observation->deleted.erase(told.reference);
    expect_told(s, std::move(told), e.asked);
}

// --- what the client asked for

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

// --- its Subscriptions

void take_token(State& s, const Exchange& e, const std::string& id) {
    const SubscriptionIndex i = learn_subscription(s, id, {});
    if (i == no_subscription) return;
    SubscriptionView& view = s.subscriptions[i].view;
    if (const auto token =
            e.answer.status == 200 && e.answer.body ? fhir::parse_binding_token(*e.answer.body) : std::nullopt) {
        if (s.observation->tokens.size() >= tokens_kept) s.observation->tokens.clear();
        s.observation->tokens[token->token] = id;
        const ServerTime end =
            std::min(token->expires.value_or(ServerTime::max()), e.answer.token_end.value_or(ServerTime::max()));
        if (end != ServerTime::max() && view.id == id)
            view.token_expires = LocalTime(std::chrono::duration_cast<std::chrono::microseconds>(
                end.time_since_epoch() -
                (s.connection.clock_known ? s.connection.clock_offset : std::chrono::microseconds(0))));
        return;
    }
    if (!is_refusal(e.answer) || view.id != id) return;
    const Fact refusal = fact_of(e.answer);
    if (refusal.words.find("reading subscription") != std::string::npos) return observed_ended(s, id, Ended::Gone);
    const Fact problem = Fact{.code = FactCode::NoToken}.because(refusal);
    if (view.state != SubscriptionState::Live) set_state(s, i, SubscriptionState::Refused, problem);
    log_event(s, Fact{.code = FactCode::SubscriptionRefused, .about = view.criteria}.because(problem), i);
}

// The events that an answer to $events brings are the client's, as those of a search are.
void take_replay(State& s, const Exchange& e, const std::string& id) {
    if (e.answer.status != 200 || !e.answer.body) return;
    auto decoded = fhir::decode_frame(s.config.dialect.dialect, *e.answer.body, fhir::answer_limits());
    const auto known = s.ids->known.find(id);
    if (!decoded || known == s.ids->known.end()) return;
    for (fhir::NotificationEvent& event : decoded->events) {
        if (!event.resource && !event.deleted) continue;
        Update update;
        update.reference = event.focus.empty() && event.resource ? event.resource->reference() : event.focus;
        update.resource = event.deleted ? nullptr : std::move(event.resource);
        update.deleted = event.deleted;
        if (event.deleted) update.deleted_at = event.sent;
        update.sent = event.sent;
        update.received = s.now;
        update.asked = e.asked;
        update.channel = Channel::CatchUp;
        update.subscription = known->second;
        enqueue(s, std::move(update));
    }
    if (!decoded->events.empty()) observed_caught_up(s, known->second, e.asked);
}

void take_subscription(State& s, const Exchange& e, const Target& target) {
    if (target.rest.starts_with("$get-ws-binding-token")) return take_token(s, e, target.id);
    if (target.rest.starts_with("$events")) return take_replay(s, e, target.id);
    if (target.rest.starts_with("$status")) return;
    if (e.method == "POST" || e.method == "PUT") {
        const auto sent = e.sent ? fhir::parse_resource(*e.sent) : Result<fhir::ResourcePtr>(nullptr);
        const ObservedWish asked_for = sent && *sent ? wish_of((*sent)->text()) : ObservedWish{};
        if (is_refusal(e.answer) && e.answer.status != 401 && target.id.empty())
            return void(
                learn_refused(s, asked_for, Fact{.code = FactCode::CreationRefused}.because(fact_of(e.answer))));
        if (!e.ok()) return;
        const auto created = e.answer.body ? fhir::parse_resource(*e.answer.body) : Result<fhir::ResourcePtr>(nullptr);
        const bool told = created && *created && (*created)->type() == "Subscription";
        std::string id = told ? std::string((*created)->id()) : target.id;
        if (id.empty()) id = fhir::id_part(fhir::local_reference(e.answer.location));
        if (!fhir::is_usable_id(id)) return;
        if (told && (*created)->last_updated() && e.answer.status == 201 && (*created)->time_is_exact())
            sample_clock(s, *(*created)->last_updated(), e.asked);
        ObservedWish wish = told ? wish_of((*created)->text()) : asked_for;
        if (wish.criteria.empty() && wish.topic.empty()) wish = asked_for;
        const SubscriptionIndex i = learn_subscription(s, id, wish);
        if (i == no_subscription) return;
        Subscription& subscription = s.subscriptions[i];
        subscription.view.created = s.now;
        if (subscription.view.state != SubscriptionState::Live) set_state(s, i, SubscriptionState::AwaitingToken);
        return;
    }
    if (target.id.empty() || !target.rest.empty()) return;
    const bool gone = e.answer.status == 404 || e.answer.status == 410;
    if (e.method == "DELETE" && e.ok()) return observed_ended(s, target.id, Ended::ByClient);
    if (e.method != "GET") return;
    if (gone) return observed_ended(s, target.id, Ended::Gone);
    const auto read =
        e.ok() && e.answer.body ? fhir::parse_resource(*e.answer.body) : Result<fhir::ResourcePtr>(nullptr);
    if (read && *read && (*read)->type() == "Subscription" && s.ids->known.contains(target.id))
        learn_subscription(s, target.id, wish_of((*read)->text()));
}

// --- exchanges

void take(State& s, const Exchange& e, const std::string& url);

unsigned status_in(std::string_view text) { // "201 Created"
    unsigned status = 0;
    std::from_chars(text.data(), text.data() + text.size(), status);
    return status;
}

void take_batch(State& s, const Exchange& e) {
    if (!e.sent || !e.answer.body) return;
    std::vector<fhir::Slice> asked, answers;
    const auto sent = fhir::parse_resource(*e.sent, fhir::answer_limits());
    const auto answered = fhir::parse_resource(*e.answer.body, fhir::answer_limits());
    if (!sent || !answered) return;
    fhir::Slice((*sent)->text()).member("entry").each_element([&](fhir::Slice entry) { asked.push_back(entry); });
    fhir::Slice((*answered)->text()).member("entry").each_element([&](fhir::Slice entry) { answers.push_back(entry); });
    if (asked.size() != answers.size()) return;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const fhir::Slice request = asked[i].member("request"), response = answers[i].member("response");
        Exchange one;
        one.method = request.member("method").string();
        one.path = request.member("url").string();
        if (one.path.find("://") != std::string::npos) one.path = fhir_path_of(s, one.path).value_or("");
        if (one.path.starts_with('/')) one.path.erase(0, 1);
        one.asked = e.asked;
        one.answer.status = static_cast<std::uint16_t>(status_in(response.member("status").string()));
        one.answer.etag = response.member("etag").string();
        one.answer.location = response.member("location").string();
        const fhir::Slice resource = answers[i].member("resource"), outcome = response.member("outcome");
        if (resource.exists() || outcome.exists())
            one.answer.body = make_text(std::string((resource.exists() ? resource : outcome).text()));
        if (const fhir::Slice written = asked[i].member("resource"); written.exists())
            one.sent = make_text(std::string(written.text()));
        if (!one.path.empty() && one.answer.status != 0) take(s, one, one.path);
    }
}

void note_failure(State& s, const Exchange& e, const Target& target) {
    if (e.answer.status != 0 && e.answer.status < 400) return;
    ++s.counters.request_errors;
    if (e.answer.status >= 500) ++s.counters.server_errors;
    const auto known = target.type == "Subscription" ? s.ids->known.find(target.id) : s.ids->known.end();
    log_failed_request(s, {s.now, e.asked, purpose_of(e, target), e.method,
                           known == s.ids->known.end() ? no_subscription : known->second,
                           target.type == "Subscription" ? target.id
                           : target.id.empty()           ? std::string()
                                                         : target.reference(),
                           fact_of(e.answer)});
}

void take(State& s, const Exchange& e, const std::string& url) {
    const Target target = target_of(e.path);
    note_failure(s, e, target);
    note_login(s, e, target.type == "metadata" || target.type.starts_with('$'));
    if (target.type.empty()) {
        if (e.method == "POST" && e.ok()) take_batch(s, e);
        return;
    }
    if (!fhir::is_valid_type(target.type) && target.type != "_history") return;
    if (target.type == "Subscription") return take_subscription(s, e, target);
    if (e.answer.status == 409 || e.answer.status == 412) {
        if (!target.id.empty() && target.rest.empty())
            note_refused_write(s,
                               {.method = e.method,
                                .url = url,
                                .status = e.answer.status,
                                .request_body = e.sent,
                                .response_body = e.answer.body,
                                .asked = e.asked},
                               target.reference());
        return;
    }
    const bool reads = e.method == "GET" || (e.method == "POST" && target.rest == "_search");
    if (reads && target.type != "_history" && target.id.empty() && (target.rest.empty() || target.rest == "_search"))
        return take_search(s, e, target, url);
    if (reads && (target.rest == "_history" || target.type == "_history")) return take_history(s, e);
    if (reads && !target.id.empty() && target.rest.empty())
        return observed_read(s, target.reference(), e.answer, e.asked);
    if (reads || !target.rest.empty() || !e.ok()) return;
    if (e.method == "DELETE" && !target.id.empty()) return take_deleted(s, e, target.reference());
    if (e.method == "POST" || e.method == "PUT" || e.method == "PATCH") take_written(s, e, target);
}

} // namespace

void on_observed(State& s, const Observed& observed) {
    if (s.live()) {
        ++s.run->ignored_inputs;
        return;
    }
    ++s.counters.requests;
    Exchange e;
    e.method = observed.method;
    e.answer.status = observed.status;
    e.answer.body = observed.response_body;
    e.answer.etag = observed.etag;
    e.answer.location = observed.location;
    e.answer.last_modified = observed.last_modified;
    e.answer.token_end = observed.token_end;
    e.sent = observed.request_body;
    e.asked = observed.asked;
    if (const auto path = fhir_path_of(s, observed.url)) {
        e.path = *path;
        return take(s, e, observed.url);
    }
    if (observed.status != 0 && observed.status < 400) return;
    ++s.counters.request_errors;
    if (observed.status >= 500) ++s.counters.server_errors;
    log_failed_request(
        s, {s.now, observed.asked, RequestFor::Login, observed.method, no_subscription, "", fact_of(e.answer)});
}

void note_told(State& s, const Work& work) {
    const Update& update = work.update;
    const auto found = s.observation->untold.find(update.reference);
    if (found == s.observation->untold.end()) return;
    const Untold& told = found->second.told;
    bool is_told = told.deleted && update.deleted;
    if (!told.deleted && update.resource) {
        const auto changed = told.resource ? told.resource->last_updated() : std::nullopt;
        const auto now = update.resource->last_updated();
        is_told = (!told.version.empty() && update.resource->version_id() == told.version) ||
                  (changed && now && *now >= *changed) || update.channel == Channel::Read;
    } else if (update.channel == Channel::Read) {
        is_told = true;
    }
    if (!is_told) return mark(s, told);
    s.observation->untold.erase(found);
    s.observation->shown = nullptr;
    if (const auto position = s.stores.find(update.reference); position && s.stores.at(*position).server_side)
        s.stores.confirm(*position, s.now, Stores::Word::Message);
}

bool is_deletion_observed(const State& s, const std::string& reference) {
    return s.observation->deleted.contains(reference);
}

void note_deletion_observed(State& s, const Update& update) {
    ReadCause cause;
    cause.frame = update.frame;
    take_deletion_by_frame(s, update.reference, cause);
}

std::shared_ptr<const std::vector<Untold>> untold_of(State& s) {
    if (s.live() || s.observation->untold.empty()) return nullptr;
    if (!s.observation->shown) {
        auto all = std::make_shared<std::vector<Untold>>();
        for (const auto& [reference, pending] : s.observation->untold) all->push_back(pending.told);
        s.observation->shown = std::move(all);
    }
    return s.observation->shown;
}

// Who heard then, and whose criteria what was written matches, should have been told.
void tick_untold(State& s) {
    if (s.observation->due == never || s.observation->due > s.now) return;
    s.observation->due = never;
    for (auto& [reference, pending] : s.observation->untold) {
        if (pending.due > s.now) s.observation->due = earlier(s.observation->due, pending.due);
        if (pending.due == never || pending.due > s.now) continue;
        pending.due = never;
        Untold& told = pending.told;
        const Record* held = s.stores.get(reference);
        const fhir::Resource* content = told.resource ? told.resource.get() : held ? held->resource() : nullptr;
        if (!content || told.method == "GET") continue;
        for (SubscriptionIndex i = 0; i < s.subscriptions.size() && told.subscription == no_subscription; ++i) {
            const SubscriptionView& view = s.subscriptions[i].view;
            const bool heard =
                view.state == SubscriptionState::Live && view.bound != never && view.bound < pending.asked;
            if (!heard || s.subscriptions[i].type != content->type()) continue;
            const auto criteria = fhir::Criteria::parse(view.criteria);
            if (criteria && criteria->matches(*content, match_mode(s.config)) == fhir::Match::Yes)
                told.subscription = i;
        }
        if (told.subscription == no_subscription) continue;
        s.observation->shown = nullptr;
        ++s.counters.missed;
        log_event(s,
                  {.code = FactCode::NotTold,
                   .about = reference,
                   .name = told.version,
                   .status = static_cast<std::uint16_t>(told.deleted ? 410 : 0)},
                  told.subscription);
    }
}

LocalTime next_untold(const State& s) { return s.observation->due; }

} // namespace fhirscope::engine
