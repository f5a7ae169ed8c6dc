#pragma once
// Sentences of facts, made at the edge: for a window, a command line, a report. Nothing reads them, no hash covers
// them.

#include "engine/log_rows.hpp"

#include <map>
#include <string>
#include <string_view>

namespace fhirscope::words {

// By code: how a fact reads. In a sentence `{about}`, `{name}`, `{words}`, `{detail}`, `{count}`, … stand for the parts
// of the fact, `{name:8}` for the first bytes of one, `{cause}` for the sentence of what it follows from. What is in
// brackets is left out where a part within it is empty or 0. Causes that no sentence speaks of follow behind "; ".
using Sentences = std::map<engine::FactCode, std::string_view>;
const Sentences& sentences(); // in English

// "" of no fact. At most 2,048 bytes.
std::string text(const engine::Fact& fact, const Sentences& sentences = words::sentences());
std::string text(const engine::Event& event, const Sentences& sentences = words::sentences());

} // namespace fhirscope::words
