#include "engine/fact.hpp"

#include "fhir/utf8.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fhirscope::engine {

Fact Fact::because(Fact cause) const {
    Fact fact = *this;
    if (cause.empty()) return fact;
    std::vector<Fact> further = std::exchange(cause.causes, {});
    fact.causes.push_back(std::move(cause));
    std::move(further.begin(), further.end(), std::back_inserter(fact.causes));
    return fact;
}

// What no sentence before it speaks of stands behind them.
Fact Fact::also(Fact more) const { return empty() ? more : because(std::move(more)); }

Fact Fact::why() const {
    if (causes.empty()) return {};
    Fact fact = causes.front();
    fact.causes.assign(causes.begin() + 1, causes.end());
    return fact;
}

std::size_t Fact::text_bytes() const {
    std::size_t bytes = about.size() + name.size() + words.size();
    for (const Fact& cause : causes) bytes += cause.text_bytes();
    return bytes;
}

Fact said(std::string words) { return {.code = FactCode::Said, .words = std::move(words)}; }

void cut_texts(Fact& fact, std::size_t most) {
    fhir::cut_utf8(fact.detail, most); // takes no room from what is hashed
    for (std::string* text : {&fact.about, &fact.name, &fact.words}) {
        fhir::cut_utf8(*text, most);
        most -= std::min(most, text->size());
    }
    for (Fact& cause : fact.causes) {
        cut_texts(cause, most);
        most -= std::min(most, cause.text_bytes());
    }
}

} // namespace fhirscope::engine
