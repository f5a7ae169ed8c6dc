// Reads of single resources: what only a GET can settle (PROTOCOL A8, A13), and what did not fit into the queue.

#include "engine/state.hpp"
#include "fhir/reference.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t reads_at_once = 8;
constexpr std::uint32_t read_tries = 5; // of one that the server itself fails at
constexpr std::chrono::seconds read_pause{5}, longest_read_pause{60};
constexpr std::size_t reads_kept = 100'000;

// Nobody has looked: the network, a proxy, the limit or the login was in the way.
bool is_unanswered(const HttpAnswer& answer) {
    return answer.status == 0 || answer.status == 401 || answer.status == 429 ||
           (answer.status >= 502 && answer.status <= 504);
}

void catch_up_all(State& s) {
    for (SubscriptionIndex i = 0; i < s.subscriptions.size(); ++i)
        if (s.subscriptions[i].view.state == SubscriptionState::Live) catch_up(s, i);
    update_phase(s);
}

void take_read_answer(State& s, const std::string& reference, const HttpAnswer& answer, LocalTime asked, bool missed) {
    const auto position = s.stores.find(reference);
    if (answer.status == 410) {
        Update update;
        update.reference = reference;
        update.deleted = true;
        update.received = s.now;
        update.asked = asked;
        update.channel = Channel::Read;
        if (missed) ++s.counters.recovered;
        return enqueue(s, std::move(update));
    }
    if (answer.status == 200 && answer.body) {
        auto resource = fhir::parse_resource(*answer.body);
        if (resource && (*resource)->reference() == reference) {
            Update update;
            update.reference = reference;
            update.resource = std::move(*resource);
            update.received = s.now;
            update.asked = asked;
            update.channel = Channel::Read;
            if (missed) ++s.counters.recovered;
            return enqueue(s, std::move(update));
        }
    }
    // A 404 alone never means deleted: it may be hidden by an access policy. A 403 says so. What is shown stays,
    // marked.
    if (missed) ++s.counters.hidden;
    log_event(
        s, EventKind::Recovery, Severity::Attention,
        "reading " + reference + ": " + describe_answer(answer) +
            (answer.status == 404 || answer.status == 403 ? "; hidden from us, so what is shown may be old" : ""));
    if (position)
        s.stores.set_standing(*position, s.stores.at(*position).resource() ? Standing::Unconfirmed : Standing::Deleted);
    edit_unreadable(s, reference, describe_answer(answer));
    content_known(s, reference);
}

} // namespace

void want_read(State& s, const std::string& reference, bool missed) {
    if (fhir::local_reference(reference) != reference)
        return log_event(s, EventKind::Frame, Severity::Attention,
                         "\"" + reference.substr(0, 80) + "\" names no resource that could be read");
    if (s.reads.size() >= reads_kept && !s.reads.contains(reference)) {
        if (!std::exchange(s.reads_left_out, true))
            log_event(s, EventKind::Limit, Severity::Error,
                      "more reads are wished for than are kept; a catch-up follows those that are");
        return;
    }
    WantedRead& read = s.reads[reference]; // a second wish while one waits is the same wish
    read.again = read.request != 0;
    read.missed |= missed;
}

void pump_reads(State& s) {
    if (!can_read(s) || s.reads_after > s.now) return;
    if (s.reads.empty() && std::exchange(s.reads_left_out, false)) return catch_up_all(s);
    if (s.reads.empty()) return;
    auto under_way = static_cast<std::uint32_t>(std::count_if(
        s.requests.begin(), s.requests.end(), [](const auto& item) { return item.second.purpose == Purpose::Read; }));
    for (auto& [reference, read] : s.reads) {
        // An answer that finds the queue full would only be asked for again: what is drained makes room, and comes back
        // here.
        if (under_way >= reads_at_once || s.queue.size() + under_way >= s.config.queue_max) return;
        if (read.request != 0 || read.due > s.now) continue;
        PendingRequest request;
        request.purpose = Purpose::Read;
        request.reference = reference;
        request.sent.method = "GET";
        request.sent.url = fhir_url(s, reference);
        ++read.tries;
        read.request = send_request(s, std::move(request));
        ++under_way;
    }
    if (under_way == 0) s.reads_after = s.now + read_pause; // all wait for their time
}

void on_read(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    const auto read = s.reads.find(request.reference);
    if (read == s.reads.end()) return;
    // What a search listed a moment ago is not hidden: whoever says 404 is wrong, or the server is not up to date.
    const bool doubtful = answer.status >= 500 || (answer.status == 404 && read->second.told);
    if (is_unanswered(answer) || (doubtful && read->second.tries < read_tries)) {
        read->second.request = 0;
        // Those that are tried in vain again and again must not stand before the others.
        read->second.due = s.now + std::min(read_pause * read->second.tries, longest_read_pause);
        s.reads_after = s.now + read_pause;
    } else {
        s.reads_after = never;
        const bool missed = read->second.missed;
        if (read->second.again)
            read->second = {.told = read->second.told};
        else
            s.reads.erase(read);
        take_read_answer(s, request.reference, answer, request.sent_at, missed);
    }
    pump_reads(s);
}

// Another client's exchange: teaches us its Subscriptions, and answers a read that we would have sent.
void on_observed(State& s, const Observed& observed) {
    if (s.live()) {
        ++s.ignored_inputs;
        return;
    }
    ++s.counters.requests;
    if (observed.status == 0 || observed.status >= 400) ++s.counters.request_errors;
    if (observed.status >= 500) ++s.counters.server_errors;
    const std::string_view url = observed.url;
    const auto base = url.find(s.config.fhir_path);
    if (base == std::string_view::npos) return;
    const std::string path(url.substr(base + s.config.fhir_path.size()));
    if (observed.method == "POST" && path == "Subscription" && observed.status == 201 && observed.response_body) {
        const auto created = fhir::parse_resource(*observed.response_body);
        if (!created) return;
        const auto criteria = (*created)->member("criteria");
        if (criteria && criteria->size() >= 2)
            learn_subscription(s, (*created)->id(), criteria->substr(1, criteria->size() - 2));
        return;
    }
    if (observed.status == 409 || observed.status == 412) return note_refused_write(s, observed, path);
    const auto read = s.reads.find(path);
    if (observed.method != "GET" || read == s.reads.end()) return;
    s.reads.erase(read);
    HttpAnswer answer;
    answer.status = observed.status;
    answer.body = observed.response_body;
    take_read_answer(s, path, answer, observed.asked, false);
}

} // namespace fhirscope::engine
