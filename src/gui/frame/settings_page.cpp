#include "gui/frame/settings_page.hpp"

#include "gui/frame/settings_keeper.hpp"
#include "gui/model/settings/settings_parts.hpp"
#include "gui/model/start_form.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr float setting_label = 140;

std::string memory_text(int mebibytes) {
    return mebibytes % 1024 == 0 ? std::to_string(mebibytes / 1024) + "\u00A0GiB"
                                 : std::to_string(mebibytes) + "\u00A0MiB";
}

} // namespace

void draw_settings_page(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    UiState& ui = context.ui;
    const Rect head = area.take_top(context.px(40));
    p.hline(head.x, head.right(), head.bottom() - context.px(1), c.line);
    p.put(p.f().bold, head.x + context.px(16), head.y, head.h, c.t1, "Settings");
    const float h = context.px(32);
    const float left = area.x + context.px(16);
    const float value = left + context.px(setting_label);
    float y = area.y + context.px(12);

    p.put(p.f().body, left, y, h, c.t3, "Theme");
    constexpr std::array<SegmentItem, 2> themes = {{{"dark", "Dark"}, {"light", "Light"}}};
    if (const int chosen = segment(context, "settings/theme", value, y, h, themes, ui.look.light ? 1 : 0); chosen >= 0)
        ui.look.light = chosen == 1;
    y += h;

    p.put(p.f().body, left, y, h, c.t3, "Size");
    float x = value;
    if (button(context, "settings/smaller", x, y, h, "Smaller"))
        ui.look.scale_percent = next_scale(ui.look.scale_percent, -1);
    x = p.text(p.f().mono, x + context.px(12), y, h, c.t1, std::to_string(ui.look.scale_percent) + "\u00A0%") +
        context.px(12);
    if (button(context, "settings/larger", x, y, h, "Larger"))
        ui.look.scale_percent = next_scale(ui.look.scale_percent, 1);
    p.text_cut(p.f().small, x + context.px(12), area.right() - context.px(16), y, h, c.t3,
               "of the monitor's, 75 to 200");
    y += h;

    p.put(p.f().body, left, y, h, c.t3, "Motion");
    constexpr std::array<SegmentItem, 2> motions = {{{"full", "Full"}, {"reduced", "Reduced"}}};
    const int motion = segment(context, "settings/motion", value, y, h, motions, ui.look.reduced_motion ? 1 : 0);
    if (motion >= 0) ui.look.reduced_motion = motion == 1;
    x = value + segment_width(context, motions, false) + context.px(12);
    p.text_cut(p.f().small, x, area.right() - context.px(16), y, h, c.t3,
               "reduced: a cell that changes is marked for a moment and does not fade");
    y += h;

    p.put(p.f().body, left, y, h, c.t3, "Memory");
    LimitSettings limits = ui.settings.get<LimitSettings>();
    const int memory = limits.resource_memory;
    x = value;
    if (button(context, "settings/less-memory", x, y, h, "Less"))
        limits.resource_memory = std::max(memory / 2, LimitSettings::least_memory);
    x = p.text(p.f().mono, x + context.px(12), y, h, c.t1, memory_text(memory)) + context.px(12);
    if (button(context, "settings/more-memory", x, y, h, "More"))
        limits.resource_memory = std::min(memory * 2, LimitSettings::most_memory);
    if (limits.resource_memory != memory) ui.settings.put(limits);
    p.text_cut(
        p.f().small, x + context.px(12), area.right() - context.px(16), y, h, c.t3,
        "for the resources shown, from the next session on; beyond it the least used are read again when wanted");
    y += h;

    p.put(p.f().body, left, y, h, c.t3, "Recent");
    x = value;
    if (button(context, "settings/forget", x, y, h, "Clear recent")) ui.settings.put(RecentSettings{});
    y += h;

    p.put(p.f().body, left, y, h, c.t3, "All settings");
    x = value;
    if (button(context, "settings/reset", x, y, h, "Reset all settings")) {
        const ViewId view = ui.view;
        const RecentSettings recent = ui.settings.get<RecentSettings>();
        const ConnectSettings connect = ui.settings.get<ConnectSettings>();
        ui.settings.reset();
        ui.settings.put(recent);
        ui.settings.put(connect);
        const Settings fresh = ui.settings;
        use_settings(fresh, ui);
        ui.view = view;
    }
    y += h + context.px(8);
    p.paragraph(p.f().cell, Rect{left, y, area.right() - context.px(16) - left, 0}, context.px(18), c.t3,
                "Layout, filters, columns and what was open are kept for the next start, in one file that can be read, "
                "edited and deleted: $XDG_CONFIG_HOME/fhirscope/settings.json, or below ~/.config, or where --settings "
                "says. Secrets and tokens are never kept.");
}

} // namespace fhirscope::gui
