#include "runtime/fhir_base.hpp"

#include <algorithm>

namespace fhirscope::runtime {
namespace {

bool is_statement(const std::string& body) {
    const auto json = fhir::parse_json(body, metadata_limits);
    return json && fhir::string_at(*json, "resourceType") == "CapabilityStatement";
}

} // namespace

Base judge(const Looked& looked) {
    if (!looked.answer) return Base::Unclear;
    const unsigned status = looked.answer->status;
    if (status == 200) return is_statement(looked.answer->body) ? Base::Found : Base::Elsewhere;
    if (status == 401 || status == 403 || status == 407 || status == 429 || status >= 500) return Base::Unclear;
    return Base::Elsewhere;
}

const Looked* choose_base(const std::vector<Looked>& looked) {
    const Looked* unclear = nullptr;
    for (const Looked& one : looked) {
        const Base base = judge(one);
        if (base == Base::Found) return &one;
        if (base == Base::Unclear && !unclear) unclear = &one;
    }
    return unclear;
}

std::string describe(const std::vector<Looked>& looked) {
    std::string text;
    for (const Looked& one : looked) {
        text += (text.empty() ? "" : "; ") + one.asked.text() + ": ";
        if (!one.answer) {
            std::string why = one.answer.error().message;
            if (why.ends_with('.')) why.pop_back(); // it stands within a sentence
            text += why;
            continue;
        }
        text += "HTTP " + std::to_string(one.answer->status);
        if (one.answer->status >= 300 && one.answer->status < 400 && !one.answer->location.empty())
            text += ", which leads to " + one.answer->location.substr(0, 200);
        if (one.answer->status == 200) text += ", but no CapabilityStatement";
    }
    return text;
}

} // namespace fhirscope::runtime
