#pragma once
// Rules that color rows of the log: each is a filter and a look; the first that matches a row counts. Only rows that
// are drawn are asked about.

#include "gui/model/settings/log_settings.hpp"
#include "gui/ui/icons.hpp"
#include "query/query.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace fhirscope::gui {

class LogColors {
public:
    // Reads the rules again where they changed. Rules that are off or not understood color nothing.
    void update(const std::vector<ColoringRule>& rules);
    bool any() const { return !read_.empty(); }
    std::optional<RuleLook> of(const query::Facts& facts) const;

private:
    struct Rule {
        query::Query query;
        RuleLook look;
    };
    std::vector<ColoringRule> rules_;
    std::vector<Rule> read_;
};

// A look in the guide's marks and colors; 0 where it has none.
struct LookColors {
    std::optional<Mark> mark;
    ImU32 fill = 0, bar = 0, text = 0;
};
LookColors look_colors(const Palette& palette, RuleLook look);

} // namespace fhirscope::gui
