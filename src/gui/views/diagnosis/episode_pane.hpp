#pragma once
// The selected incident in full: its episode, what followed, what was ruled out, advice. It scrolls where there is no
// room for all of it.

#include "diagnosis/incident.hpp"
#include "gui/frame/context.hpp"
#include "gui/ui/scroll_pane.hpp"
#include "gui/views/diagnosis/gap_strip.hpp"

#include <cstdint>

namespace fhirscope::gui {

class EpisodePane {
public:
    void draw(Context& context, Rect area, const diagnosis::Incident& incident);

private:
    void head(Context& context, const Rect& row, const diagnosis::Incident& incident);
    float parts(Context& context, Rect area, const diagnosis::Incident& incident);
    float by_tabs(Context& context, Rect area, const diagnosis::Incident& incident);

    ScrollPane pane_;
    GapStrip strip_;
    std::uint64_t of_ = 0; // the incident that the pane was scrolled in
    int tab_ = 0;          // what followed, what was ruled out, advice
};

} // namespace fhirscope::gui
