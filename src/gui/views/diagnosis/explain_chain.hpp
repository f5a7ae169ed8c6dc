#pragma once
// The chain of stations from the server to the screen, and what follows from it.

#include "diagnosis/explain.hpp"
#include "gui/frame/context.hpp"

namespace fhirscope::gui {

// From left to right; needs about 260 px of height. Returns the y below it.
float draw_chain(Context& context, const Rect& area, const diagnosis::Explanation& explanation);
// Downwards, for narrow windows.
float draw_chain_down(Context& context, const Rect& area, const diagnosis::Explanation& explanation);

// A tinted block with a mark, a sentence and its reason. Returns the y below it.
float draw_verdict(Context& context, const Rect& area, diagnosis::Severity severity, std::string_view verdict,
                   std::string_view because);

} // namespace fhirscope::gui
