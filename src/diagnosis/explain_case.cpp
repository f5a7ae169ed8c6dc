#include "diagnosis/explain_case.hpp"

#include "fhir/reference.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::diagnosis {

std::string short_version(std::string_view id) { return std::string(id.substr(0, 6)); }

void gather(Case& c) {
    c.record = c.s.find(c.reference);
    if (c.record && !c.record->history.empty()) c.version = &c.record->current();
    if (c.version && c.s.updates.contains(c.version->update)) {
        const engine::UpdateRow& row = c.s.updates[c.version->update];
        if (reference_of(c.s, row) == c.reference) c.row = &row;
    }
    for (std::uint64_t n = c.s.rejections.end(); n > c.s.rejections.first() && !c.rejection; --n) {
        const engine::Rejection& rejection = c.s.rejections[n - 1];
        if (rejection.reference == c.reference && (!c.version || rejection.update > c.version->update))
            c.rejection = &rejection;
    }
    c.unheard = engine::unheard_of(c.s, fhir::type_part(c.reference));
    if (c.record) c.certainty = engine::certainty_of(*c.record, c.unheard);
    if (c.s.asked.reference == c.reference) c.asked = &c.s.asked;
    if (c.s.untold)
        for (const engine::Untold& one : *c.s.untold)
            if (one.reference == c.reference) c.untold = &one;
    const engine::VerifyView& verify = c.s.verify;
    if (verify.state == engine::VerifyView::State::Different && (!c.record || c.record->confirmed_at <= verify.at))
        if (const auto found = std::ranges::find(verify.differences, c.reference, &engine::Fact::about);
            found != verify.differences.end()) {
            engine::Fact difference = *found;
            difference.about.clear(); // which the explanation is about as a whole
            c.difference = words::text(difference);
        }
    c.out.known = c.record != nullptr;
}

std::string clock_text(LocalTime at) {
    const ServerTime time(std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()));
    return fhir::format_instant(time).substr(11, 8) + " UTC";
}

std::string told_by_answer(const engine::Untold& told) {
    if (told.deleted) return "The server answered its deletion.";
    const std::string version =
        told.version.empty() ? "a newer version" : "version `" + short_version(told.version) + "`";
    return (told.method == "GET" ? "A listing names " : "The answer to a " + told.method + " names ") + version + ".";
}

std::string last_compared(const Case& c) {
    const LocalTime at = c.record ? c.record->compared_at : LocalTime{};
    if (at == LocalTime{})
        return c.observing() ? "The client never asked for it." : "It was never compared with the server.";
    return (c.observing() ? "The client did not ask since " : "The server was not asked since ") + clock_text(at) + ".";
}

} // namespace fhirscope::diagnosis
