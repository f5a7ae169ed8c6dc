#pragma once
// Where updates come from: a demo, a server, a recording, or what was open before. Shown while nothing is open, and
// over an open session when it is asked for.

#include "gui/frame/context.hpp"
#include "gui/model/settings/settings_parts.hpp"
#include "gui/model/start_form.hpp"
#include "gui/ui/grid.hpp"
#include "gui/ui/widgets.hpp"

#include <string>

namespace fhirscope::gui {

class StartPage {
public:
    // Only while context.start is there.
    void draw(Context& context, Rect area);
    // What "Start the demo" of the palette does.
    void start_demo(Context& context);

    ConnectForm& form() { return form_; }

private:
    void take_over(Context& context);
    void draw_opening(Context& context, const Rect& row);
    void draw_demo(Context& context, const Rect& area);
    void draw_open(Context& context, const Rect& area);
    void draw_recent(Context& context, Rect area);
    void open_recent(Context& context, const RecentSettings::Entry& entry);
    // In connect.cpp
    void draw_connect(Context& context, const Rect& area);
    void draw_login(Context& context, const Rect& row);
    bool draw_criteria(Context& context, const Rect& area);
    void connect(Context& context);

    bool taken_over_ = false;
    ConnectForm form_;
    FormCheck check_;
    bool focus_url_ = false, focus_secret_ = false;
    std::size_t demo_ = 0;
    std::string seed_ = "1";
    std::string path_;
    int tab_ = 0;         // where the ways do not fit beside one another
    bool abreast_ = true; // they do
    RecentSettings recent_;
    std::uint64_t recent_revision_ = UINT64_MAX;
    std::int64_t chosen_ = -1; // of the recent ones
    Grid demos_, grid_;
};

// The head of a way: an icon, a title, its key at the right ("": none), and a sentence below. Moves `y` below it.
void way_head(Context& context, const Rect& area, float& y, Icon icon, std::string_view title, std::string_view key,
              std::string_view lead);
struct FieldUse {
    bool changed = false, entered = false; // entered: left by Enter
};
// Whether the field that was drawn last was left by Enter.
bool field_entered();
// A control of the start page: a label of 72 px, a field, and under it the reason why it cannot stay so. Moves `y`
// below it.
FieldUse labelled_field(Context& context, const Rect& area, float& y, std::string_view label, const char* name,
                        std::string& text, const char* hint, std::string_view problem, FieldKind kind, bool take_focus);
// A button that says nothing when it cannot be pressed, in line3.
bool action_button(Context& context, std::string_view name, float& x, float y, std::string_view label, bool enabled,
                   bool primary);
// A tick in a box; returns whether it was clicked.
bool check_box(Context& context, std::string_view name, float x, float y, float height, bool on);

} // namespace fhirscope::gui
