// The filter of the panels view: one text for all panels that are visible, in the language of the log, with the fields
// of each of them. A panel that has not what it asks for shows all its rows, and says so.

#include "gui/ui/widgets.hpp"
#include "gui/views/panels/panels_view.hpp"

#include <utility>

namespace fhirscope::gui {

std::string_view PanelsView::filter(const Context& context) const {
    for (const std::size_t at : shown_panels(context)) {
        const auto settings = context.ui.panels.find(panels_[at]->id);
        if (settings != context.ui.panels.end() && !settings->second.filter.empty()) return settings->second.filter;
    }
    return {};
}

void PanelsView::set_filter(Context& context, const std::string& filter) {
    for (const std::size_t at : shown_panels(context)) context.ui.panels[panels_[at]->id].filter = filter;
}

void PanelsView::ask_filter(const Context& context) {
    const ShownPanels visible = shown_panels(context);
    std::vector<std::pair<std::string, std::size_t>> of;
    for (const std::size_t at : visible) of.emplace_back(panels_[at]->id, context.snapshot.panels[at].columns.size());
    if (of != fields_of_) {
        fields_of_ = std::move(of);
        std::vector<query::Field> fields;
        for (const std::size_t at : visible) {
            const query::ResourceFields own(context.snapshot.panels[at]);
            const query::Fields before(fields);
            for (std::size_t i = 0; i < own.fields().size(); ++i)
                if (!before.find(own.fields()[i].name)) fields.push_back(own.fields()[i]);
        }
        fields_ = query::Fields(std::move(fields));
    }
    const std::string text(filter(context));
    input_.ask(text, fields_);
    if (input_.valid()) in_force_ = text;
}

void PanelsView::filter_field(Context& context, const Rect& field) {
    std::string text(filter(context));
    const float cap = text.empty() ? keycap_width(context, "/") : context.px(20);
    const bool focus = std::exchange(context.ui.focus_filter, false);
    bool changed = input_.draw(context,
                               {.name = "panels/filter",
                                .rect = field,
                                .hint = context.layout.narrow ? "Filter" : "Filter by name, id, status",
                                .room_right = cap,
                                .take_focus = focus},
                               text, fields_, nullptr);
    if (text.empty()) {
        keycap(context, field.right() - cap - context.px(6), field.y, field.h, "/");
    } else if (icon_button(context, "panels/filter/clear", ImVec2(field.right() - context.px(24), field.y), Icon::Close,
                           false, "Clear the filter")) {
        text.clear();
        changed = true;
    }
    if (changed) set_filter(context, text);
}

} // namespace fhirscope::gui
