#pragma once
// The inspector of a finding: its evidence, each a link, and its checks.

#include "diagnosis/finding.hpp"
#include "gui/frame/context.hpp"

namespace fhirscope::gui {

class FindingInspector {
public:
    void draw(Context& context, Rect area, const diagnosis::Finding& finding);

private:
    void evidence(Context& context, Rect area, const diagnosis::Finding& finding);
    void checks(Context& context, Rect area, const diagnosis::Finding& finding);
    int tab_ = 0;
};

} // namespace fhirscope::gui
