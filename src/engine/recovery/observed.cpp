// What another client's exchanges say. An answer to a search or a read is what the client was shown; an answer to a
// write is what the server has, and a client that listens expects to be told of it.

#include "engine/recovery/observed.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/run.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/recovery/observed_exchange.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/subscriptions/refusals.hpp"
#include "engine/subscriptions/subscriptions.hpp"
#include "fhir/percent.hpp"
#include "fhir/slice.hpp"
#include "fhir/validate.hpp"

#include <charconv>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t refusals_of_login = 2; // in a row: one may be about its request

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

void note_login(State& s, const Exchange& e, bool open_to_all) {
    ConnectionView& c = s.connection;
    if (e.answer.status == 401) {
        if (++s.observation->refusals != refusals_of_login || c.login_ended != never) return;
        c.login_ended = s.now;
        c.login_problem = fact_of(e.answer);
        return log_event(s, Fact{.code = FactCode::LoginEnded}.because(c.login_problem));
    }
    if (!e.ok() || open_to_all) return;
    const bool renewed = std::exchange(s.observation->login_asked, false) && s.observation->refusals > 0;
    s.observation->refusals = 0;
    c.login_accepted = s.now;
    if (std::exchange(c.login_ended, never) == never) {
        if (renewed) log_event(s, {.code = FactCode::LoginRenewed});
        return;
    }
    c.login_problem = {};
    log_event(s, {.code = FactCode::LoginAccepted});
}

// An address at which an authorization server gives tokens, by its usual name.
bool gives_tokens(std::string_view url) { return url.substr(0, url.find_first_of("?#")).ends_with("/token"); }

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

ServerTime server_time(const State& s, LocalTime at) {
    const auto offset = s.connection.clock_known ? s.connection.clock_offset : std::chrono::microseconds(0);
    return ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch() + offset));
}

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
    if (observed.method == "POST" && e.ok() && gives_tokens(observed.url)) s.observation->login_asked = true;
    if (observed.status != 0 && observed.status < 400) return;
    ++s.counters.request_errors;
    if (observed.status >= 500) ++s.counters.server_errors;
    log_failed_request(
        s, {s.now, observed.asked, RequestFor::Login, observed.method, no_subscription, "", fact_of(e.answer)});
}

} // namespace fhirscope::engine
