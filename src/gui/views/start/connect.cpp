// The form for a server.

#include "gui/ui/widgets.hpp"
#include "gui/views/start/start_page.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::gui {

namespace {

constexpr float form_label = 82;
constexpr std::array<SegmentItem, 4> logins = {
    {{"none", "None"}, {"environment", "Environment"}, {"typed", "Ask once"}, {"profile", "Profile"}}};
constexpr std::size_t most_criteria = 32;

// ImGui keeps what was typed into the field that had the keyboard last.
void forget_typed() {
    ImGuiContext& g = *ImGui::GetCurrentContext();
    ImGui::ClearActiveID();
    const auto forget = [](auto& bytes) {
        for (auto& one : bytes) one = 0;
    };
    forget(g.InputTextState.TextW);
    forget(g.InputTextState.TextA);
    forget(g.InputTextState.InitialTextA);
    forget(g.InputTextDeactivatedState.TextA);
}

} // namespace

void StartPage::connect(Context& context) {
    ConnectSettings kept = settings_of(form_);
    context.ui.settings.put(std::move(kept));
    context.ui.requests.emplace_back(request_of(form_));
    wipe(form_.secret);
    form_.secret.reserve(512);
    forget_typed();
}

// Where the secret comes from, and whether it is there.
void StartPage::draw_login(Context& context, const Rect& row) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.put(p.f().body, row.x, row.y, row.h, c.t3, "Login");
    const float left = row.x + context.px(form_label);
    const int chosen = segment(context, "start/login", left, row.y, row.h, logins, static_cast<int>(form_.login));
    if (chosen >= 0) {
        form_.login = static_cast<Login>(chosen);
        focus_secret_ = form_.login == Login::Typed;
        check_ = check_form(form_, *context.start);
    }
    if (form_.login == Login::Environment && check_.secret.empty()) {
        float x = left + segment_width(context, logins, false) + context.px(12);
        x = p.mark(Mark::Ok, x, row.y, row.h) + context.px(7);
        p.text_cut(p.f().small, x, row.right(), row.y, row.h, c.t2, "its secret is set");
    }
}

// The Subscriptions to make. True: Enter in one of them.
bool StartPage::draw_criteria(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const float left = area.x + context.px(form_label);
    const float h = context.px(24);
    float y = area.y;
    p.put(p.f().body, area.x, y, h, c.t3, "Criteria");
    std::size_t forgotten = SIZE_MAX;
    bool entered = false;
    for (std::size_t i = 0; i < form_.criteria.size() && y + 2 * h <= area.bottom(); ++i) {
        CriteriaRow& row = form_.criteria[i];
        const std::string name = "start/criteria/" + std::to_string(i);
        if (check_box(context, name, left, y, h, row.on)) row.on = !row.on;
        const std::string_view problem = row.on && i < check_.criteria.size() ? check_.criteria[i] : std::string_view();
        const float field_x = left + context.px(24);
        const float end = area.right() - context.px(row.type.empty() ? 28 : 0);
        field_input(context, (name + "/text").c_str(), {field_x, y, end - field_x, context.px(22)}, row.criteria,
                    "Observation?status=final", problem.empty() ? InputState::Empty : InputState::Invalid,
                    FieldKind::Text, false, p.f().mono);
        entered |= field_entered();
        if (row.type.empty() &&
            icon_button(context, name + "/forget", ImVec2(end + context.px(4), y), Icon::Close, false, "Take it out"))
            forgotten = i;
        y += h;
        if (!problem.empty()) {
            p.mark(Mark::Error, field_x, y, context.px(14));
            p.text_cut(p.f().small, field_x + context.px(18), area.right(), y, context.px(14), c.err, problem);
            context.target(name + "/problem", {field_x, y, end - field_x, context.px(14)});
            y += context.px(16);
        }
    }
    if (forgotten != SIZE_MAX) form_.criteria.erase(form_.criteria.begin() + static_cast<std::ptrdiff_t>(forgotten));
    float x = left - context.px(6);
    const Icon plus = Icon::Plus;
    if (form_.criteria.size() < most_criteria && y + h <= area.bottom() &&
        button(context, "start/criteria/add", x, y, h, "Add criteria",
               {.kind = ButtonKind::Quiet, .small = true, .icon = &plus}))
        form_.criteria.push_back({true, "", ""});
    return entered;
}

void StartPage::draw_connect(Context& context, const Rect& area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    const auto px = [&](float v) { return context.px(v); };
    float y = area.y;
    if (abreast_)
        way_head(context, area, y, Icon::Server, "Connect", "", "A FHIR server with Subscriptions over WebSocket.");
    bool entered = false;
    const auto field = [&](std::string_view label, const char* name, std::string& text, const char* hint,
                           std::string_view problem, FieldKind kind, bool take_focus) {
        entered |= labelled_field(context, area, y, label, name, text, hint, problem, kind, take_focus).entered;
    };
    field("Base URL", "start/url", form_.url,
          form_.login == Login::Profile ? "as in the profile" : "https://api.medplum.com/", check_.url, FieldKind::Text,
          std::exchange(focus_url_, false));
    draw_login(context, {area.x, y, area.w, px(26)});
    y += px(32);
    switch (form_.login) {
        case Login::None:
            break;
        case Login::Environment:
            field("Client id", "start/client", form_.client_id, "", check_.client_id, FieldKind::Text, false);
            if (!check_.secret.empty()) {
                const float left = area.x + px(form_label);
                p.mark(Mark::Error, left, y - px(4), px(14));
                p.text_cut(p.f().small, left + px(18), area.right(), y - px(4), px(14), c.err, check_.secret);
                context.target("start/secret/problem", {left, y - px(4), area.w - px(form_label), px(14)});
                y += px(14);
            }
            break;
        case Login::Typed:
            field("Client id", "start/client", form_.client_id, "", check_.client_id, FieldKind::Text, false);
            field("Secret", "start/secret", form_.secret, "never shown, never stored", check_.secret, FieldKind::Secret,
                  std::exchange(focus_secret_, false));
            break;
        case Login::Profile:
            field("Profile", "start/profile", form_.profile, "name of a file in ~/.medplum", check_.profile,
                  FieldKind::Text, false);
            break;
    }
    const float buttons = area.bottom() - px(24);
    entered |= draw_criteria(context, {area.x, y, area.w, buttons - px(10) - y});

    check_ = check_form(form_, *context.start);
    const bool ready = check_.ready && context.opening == nullptr;
    float x = area.x;
    if (action_button(context, "start/connect", x, buttons, "Connect", ready, true) || (ready && entered))
        connect(context);
    const std::string_view record = "Record from the start";
    const float w = Painter::width(p.f().body, record) + px(14 + 8);
    if (!check_.missing.empty()) {
        p.text_cut(p.f().small, x + px(12), area.right() - w - px(12), buttons, px(24), c.t3,
                   "Enter " + check_.missing);
    }
    if (check_box(context, "start/record", area.right() - w, buttons, px(24), form_.record))
        form_.record = !form_.record;
    p.put(p.f().body, area.right() - w + px(22), buttons, px(24), c.t3, record);
}

} // namespace fhirscope::gui
