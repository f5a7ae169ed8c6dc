// What is so on the server now: one resource is read, and its history where there is one, because somebody wants it
// explained.

#include "engine/recovery/ask.hpp"

#include "engine/core/state.hpp"
#include "engine/recovery/paging.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "fhir/reference.hpp"

#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t most_versions = 20;

bool is_about(const State& s, const std::string& reference) { return s.asking->view.reference == reference; }

// Both are known, or will not come.
void settle(State& s) {
    if (s.asking->view.read_at != never && s.asking->view.history_at != never) s.asking->view.pending = false;
}

} // namespace

void on_ask(State& s, const AskServer& ask) {
    if (!fhir::is_reference(ask.reference)) return;
    s.asking->view = {};
    s.asking->view.reference = ask.reference;
    s.asking->view.asked_at = s.now;
    if (!can_read(s)) return; // which the answer's absence says
    s.asking->view.pending = true;
    want_read(s, ask.reference);
    PendingRequest request;
    request.purpose = Purpose::AskHistory;
    request.reference = ask.reference;
    request.sent.method = "GET";
    request.sent.url = fhir_url(s, ask.reference + "/_history?_count=" + std::to_string(most_versions));
    send_request(s, std::move(request));
    pump_reads(s);
}

void note_read(State& s, const std::string& reference, const HttpAnswer& answer) {
    if (!is_about(s, reference)) return;
    AskedView& asked = s.asking->view;
    asked.read_at = s.now;
    asked.status = answer.status;
    asked.answer = fact_of(answer);
    asked.version_id.clear();
    if (answer.status != 200 || !answer.body) return settle(s);
    if (const auto resource =
            fhir::parse_resource(*answer.body, fhir::answer_limits(), {answer.etag, answer.last_modified})) {
        asked.version_id = (*resource)->version_id();
        asked.changed = (*resource)->last_updated().value_or(ServerTime{});
    }
    settle(s);
}

void on_asked_history(State& s, const PendingRequest& request, const HttpAnswer& answer) {
    if (!is_about(s, request.reference)) return;
    AskedView& asked = s.asking->view;
    asked.history_at = s.now;
    asked.history_status = answer.status;
    asked.history.clear();
    Fact problem;
    if (const auto page = page_of(s, request, answer, problem))
        for (const fhir::BundleEntry& entry : page->entries) {
            const bool deleted = entry.is_deletion() || entry.status.starts_with("410"); // Medplum 5.0 says GET
            if (!entry.resource && !deleted) continue;
            if (asked.history.size() == most_versions) break; // whatever the server sends
            AskedView::Version version;
            version.deleted = deleted;
            if (entry.resource) {
                version.version_id = entry.resource->version_id();
                version.changed = entry.resource->last_updated().value_or(ServerTime{});
            }
            asked.history.push_back(std::move(version));
        }
    settle(s);
}

} // namespace fhirscope::engine
