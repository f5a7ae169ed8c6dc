// Pages of a search. Medplum's cursor cannot step over more than a page of one millisecond, as a transaction or an
// import makes it: it then answers 500 (PROTOCOL A5), and asking again does not help. Larger pages may; offsets do, up
// to the server's limit.

#include "engine/recovery/paging.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "fhir/utf8.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::uint32_t most_pages = 10'000;
constexpr std::uint32_t largest_page = 1000; // PROTOCOL A5

bool is_stuck(const HttpAnswer& answer) {
    return answer.status == 500 && answer.body && answer.body->find("fails to make progress") != std::string::npos;
}

// The page is larger than is taken; one with fewer resources may not be.
bool is_too_large(const PendingRequest& request, const HttpAnswer& answer) {
    const bool is_listing = request.purpose == Purpose::Search || request.purpose == Purpose::Deletions ||
                            request.purpose == Purpose::Exits || request.purpose == Purpose::Audit ||
                            request.purpose == Purpose::Verify;
    return is_listing && answer.failure == Failure::TooLarge;
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
           std::to_string(s.recovery->page_size);
}

std::optional<fhir::BundlePage> page_of(State& s, const PendingRequest& request, const HttpAnswer& answer,
                                        Fact& problem) {
    if (answer.status != 200 || !answer.body) {
        problem = fact_of(answer);
        return std::nullopt;
    }
    auto page = fhir::parse_bundle(*answer.body);
    if (!page) {
        problem = {.code = FactCode::TextUnreadable, .detail = page.error().message};
        return std::nullopt;
    }
    if (!page->next.empty()) {
        if (auto own = own_page(s, request, page->next)) {
            page->next = std::move(*own);
        } else {
            page->elsewhere = std::exchange(page->next, {});
            fhir::cut_utf8(page->elsewhere, longest_reason);
        }
    }
    if (!page->next.empty() && (page->next == request.sent.url || request.pages >= most_pages)) {
        problem = {.code = FactCode::PagesEndless};
        return std::nullopt;
    }
    return std::move(*page);
}

std::optional<std::string> own_page(const State& s, const PendingRequest& request, const std::string& link) {
    const std::string_view base = s.config.base_url;
    const auto path_at = [](std::string_view url) { // of "http://h:1/a?b"; npos: it is not absolute
        const auto scheme = url.find("://");
        if (scheme == url.npos || url.find_first_of("/?#") < scheme) return url.npos;
        return std::min(url.find_first_of("/?#", scheme + 3), url.size());
    };
    const auto path = path_at(link);
    if (path == link.npos) {
        if (link.starts_with('/') || link.starts_with(s.config.fhir_path)) return link;
        const std::string& asked = request.sent.url;
        return link.starts_with('?') ? asked.substr(0, asked.find('?')) + link : fhir_url(s, link);
    }
    const auto own_path = path_at(base);
    if (own_path == base.npos || link.substr(0, path) == base.substr(0, own_path)) return link;
    // A server behind a proxy names itself as it knows itself. The same page is to be had where the server was found.
    std::string_view rest = std::string_view(link).substr(path);
    const std::string fhir_base = std::string(base.substr(own_path)) + s.config.fhir_path; // "/fhir/R4/"
    const std::string_view bare = std::string_view(fhir_base).substr(0, fhir_base.size() - 1);
    const bool below = rest.starts_with(fhir_base);
    if (below || (rest.starts_with(bare) && rest.substr(bare.size()).starts_with('?')))
        return std::string(base.substr(0, own_path)) + std::string(rest);
    // Another path before it, but the same search.
    std::string_view asked = std::string_view(request.sent.url).substr(0, request.sent.url.find('?'));
    if (const auto at = path_at(asked); at != asked.npos) asked.remove_prefix(at + 1);
    if (const auto at = asked.find(s.config.fhir_path); at != asked.npos)
        asked.remove_prefix(at + s.config.fhir_path.size());
    const std::string_view there = rest.substr(0, rest.find('?'));
    if (!asked.empty() && there.ends_with("/" + std::string(asked)) && there.size() < rest.size())
        return fhir_url(s, std::string(asked) + std::string(rest.substr(there.size())));
    return std::nullopt;
}

void note_partial(State& s, SubscriptionIndex i, const Fact& why) {
    SubscriptionView& view = s.subscriptions[i].view;
    if (view.partial == why) return; // each poll finds it again
    view.partial = why;
    log_event(s, Fact{.code = FactCode::ListingPartial, .about = view.criteria}.because(why), i);
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
        if (s.recovery->page_size <= 1) return false; // one resource alone is too large
        s.recovery->page_size = std::max(s.recovery->page_size / 8, 1u);
        log_event(s, Fact{.code = FactCode::PageTooLarge, .count = s.recovery->page_size}.because(fact_of(answer)),
                  request.subscription);
        page_anew(s, request);
        return true;
    }
    bool& by_offset = verifies ? s.verification->by_offset : s.subscriptions[request.subscription].by_offset;
    if (by_offset) return false;
    if (s.recovery->page_size < largest_page)
        s.recovery->page_size = std::min(s.recovery->page_size * 4, largest_page);
    else
        by_offset = true;
    log_event(
        s,
        {.code = by_offset ? FactCode::CursorStuckOffset : FactCode::CursorStuckPages, .count = s.recovery->page_size},
        request.subscription);
    page_anew(s, request);
    return true;
}

} // namespace fhirscope::engine
