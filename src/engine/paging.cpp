// Pages of a search. Medplum's cursor cannot step over more than a page of one millisecond, as a transaction or an
// import makes it: it then answers 500 (PROTOCOL A5), and asking again does not help. Larger pages may; offsets do, up
// to the server's limit.

#include "engine/state.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t largest_page = 1000; // PROTOCOL A5

bool is_stuck(const HttpAnswer& answer) {
    return answer.status == 500 && answer.body && answer.body->find("fails to make progress") != std::string::npos;
}

// The page is larger than is taken; one with fewer resources may not be.
bool is_too_large(const PendingRequest& request, const HttpAnswer& answer) {
    const bool is_listing = request.purpose == Purpose::Search || request.purpose == Purpose::Deletions ||
                            request.purpose == Purpose::Exits || request.purpose == Purpose::Audit ||
                            request.purpose == Purpose::Verify;
    return is_listing && answer.status == 0 && answer.body && answer.body->starts_with(to_string(Failure::TooLarge));
}

void page_anew(State& s, const PendingRequest& request) {
    switch (request.purpose) {
        case Purpose::Verify:
            return restart_pass(s);
        case Purpose::Audit:
            return begin_audit(s, request.subscription);
        default:
            return restart_search(s, request.subscription, request.channel);
    }
}

} // namespace

std::string paged(const State& s, bool by_offset) {
    // By offset the newest come first: what changes meanwhile moves to the front, so a page repeats something, and
    // skips nothing.
    return (by_offset ? "_sort=-_lastUpdated&_offset=0&_count=" : "_sort=_lastUpdated&_count=") +
           std::to_string(s.page_size);
}

void next_page(State& s, const PendingRequest& request, const std::string& url, std::chrono::milliseconds after) {
    PendingRequest next = request;
    next.sent.url = url;
    next.tries = 1;
    ++next.pages;
    send_request(s, std::move(next), after);
}

bool page_otherwise(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (!is_stuck(answer) && !is_too_large(request, answer)) return false;
    const bool verifies = request.purpose == Purpose::Verify;
    if (!verifies && request.subscription == no_subscription) return false;
    if (is_too_large(request, answer)) {
        if (s.page_size <= 1) return false; // one resource alone is too large
        s.page_size = std::max(s.page_size / 8, 1u);
        log_event(s, EventKind::Limit, Severity::Attention,
                  "a page of the search is larger than is taken (" + *answer.body + "); asking for " +
                      std::to_string(s.page_size) + " at once",
                  request.subscription);
        page_anew(s, request);
        return true;
    }
    bool& by_offset = verifies ? s.verification.by_offset : s.subscriptions[request.subscription].by_offset;
    if (by_offset) return false;
    if (s.page_size < largest_page)
        s.page_size = std::min(s.page_size * 4, largest_page);
    else
        by_offset = true;
    log_event(s, EventKind::Limit, Severity::Attention,
              "more than a page changed in one millisecond, which the server's cursor cannot step over; asking " +
                  (by_offset ? std::string("by offset") : "with pages of " + std::to_string(s.page_size)),
              request.subscription);
    page_anew(s, request);
    return true;
}

} // namespace fhirscope::engine
