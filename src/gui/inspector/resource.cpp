// The inspector of a resource: its state, the tree with what changed, differences, JSON, trace, and all kept versions.

#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/edit_actions.hpp"
#include "gui/frame/playhead.hpp"
#include "gui/frame/selection.hpp"
#include "gui/inspector/inspector.hpp"
#include "gui/inspector/waterfall.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace fhirscope::gui {

namespace {

constexpr std::array<InspectorTabItem, 5> resource_tabs = {{{InspectorTab::Tree, "tree", "Tree"},
                                                            {InspectorTab::Diff, "diff", "Diff"},
                                                            {InspectorTab::Json, "json", "JSON"},
                                                            {InspectorTab::Trace, "trace", "Trace"},
                                                            {InspectorTab::Links, "links", "Links"}}};

constexpr std::array<GridColumn, 4> version_columns = {{{"version", "Version", 64},
                                                        {"time", "Server time", 106},
                                                        {"channel", "Channel", 76},
                                                        {"changed", "Changed", 90, Align::Left, true}}};

constexpr std::array<GridColumn, 3> diff_columns = {
    {{"field", "Field", 112}, {"before", "Before", 104}, {"after", "After", 104, Align::Left, true}}};

fhir::ResourcePtr resource_of(const engine::VersionPtr& version) { return version ? version->resource : nullptr; }

// The version of this id, or nothing.
std::optional<std::size_t> place_of(const engine::Record& record, std::string_view version) {
    for (std::size_t i = 0; !version.empty() && i < record.history.size(); ++i)
        if (record.history[i]->version_id() == version) return i;
    return std::nullopt;
}

// The version to look at: the one that was opened, else the newest.
std::size_t selected_version(const Context& context, const engine::Record& record) {
    if (const auto opened = place_of(record, context.ui.inspector.version)) return *opened;
    return record.history.size() - 1;
}

// What it is compared with: the one that was chosen, else the one before it.
std::optional<std::size_t> against_version(const Context& context, const engine::Record& record, std::size_t selected) {
    const auto chosen = place_of(record, context.ui.inspector.against);
    if (chosen && *chosen != selected) return chosen;
    return selected > 0 ? std::optional(selected - 1) : std::nullopt;
}

void open_version(Context& context, const engine::Record& record, std::size_t place) {
    const bool newest = place + 1 == record.history.size();
    context.ui.inspector.version = newest ? std::string() : std::string(record.history[place]->version_id());
}

void compare_with(Context& context, const engine::Record& record, std::size_t place) {
    context.ui.inspector.against = record.history[place]->version_id();
    context.ui.inspector.tab = InspectorTab::Diff;
}

std::string join(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

} // namespace

void ResourceInspector::diff_pane(Context& context, const Rect& whole, const engine::VersionPtr& version,
                                  const engine::VersionPtr& before) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    Rect area = whole;
    const Rect head = area.take_top(context.px(26));
    float x = head.x + context.px(14);
    const auto name = [&](const engine::VersionPtr& one) {
        const bool deleted = one && !one->resource;
        x = p.text(p.f().mono, x, head.y, head.h, one ? c.t1 : c.t4,
                   !one      ? std::string_view("none")
                   : deleted ? std::string_view("deleted")
                             : short_id(one->version_id(), 6));
    };
    name(before);
    x = p.text(p.f().body, x + context.px(6), head.y, head.h, c.t3, "→") + context.px(6);
    name(version);
    const ButtonOptions quiet{ButtonKind::Quiet, true, nullptr, 0};
    if (!later_.empty() && version == later_.back()) {
        p.text_right(p.f().small, head.right() - context.px(14), head.y, head.h, c.t3,
                     context.session.source == Source::Replay ? "then, and at the end" : "then, and now");
    } else if (context.ui.inspector.against.empty()) {
        p.text_right(p.f().small, head.right() - context.px(14), head.y, head.h, c.t3, "Shift click: compare with");
    } else {
        float at = head.right() - context.px(8) - button_width(context, "With the one before", quiet);
        if (button(context, "inspector/diff/reset", at, head.y, head.h, "With the one before", quiet))
            context.ui.inspector.against.clear();
    }
    if (version != diff_of_ || before != diff_before_) {
        diff_of_ = version;
        diff_before_ = before;
        diff_.clear();
        if (version && version->resource && before && before->resource && !before->key_only)
            diff_ = fhir::diff(*before->resource, *version->resource);
        diff_grid_.scroll_to_top();
    }
    if (diff_.empty()) {
        p.put(p.f().body, area.x + context.px(14), area.y + context.px(10), context.px(20), c.t3,
              !version || !version->resource ? "This version is the deletion."
              : !before                      ? "No earlier version is kept to compare with."
              : !before->resource            ? "It is compared with the deletion."
              : before->key_only             ? "The content of the other one was given up for room."
                                             : "No field differs.");
        return;
    }
    GridStyle style;
    style.row_height = 22;
    style.left = 8;
    diff_grid_.begin(context, "inspector/diff", area, diff_columns, static_cast<std::int64_t>(diff_.size()), style);
    for (std::int64_t i = diff_grid_.first(); i < diff_grid_.last(); ++i) {
        const fhir::FieldChange& change = diff_[static_cast<std::size_t>(i)];
        diff_grid_.row(context, i, {});
        diff_grid_.cell_fill(context, 2, c.tlive);
        diff_grid_.text(context, 0, p.f().cell, c.t3, change.path);
        if (change.kind == fhir::ChangeKind::Added) {
            diff_grid_.text(context, 1, p.f().cell, c.t4, "absent");
        } else {
            const Rect cell = diff_grid_.cell_inner(context, 1);
            p.text_struck(p.f().mono, cell.x, cell.right(), cell.y, cell.h, c.t3, change.before);
        }
        if (change.kind == fhir::ChangeKind::Removed)
            diff_grid_.text(context, 2, p.f().cell, c.t4, "absent");
        else
            diff_grid_.text(context, 2, p.f().mono, c.t1, change.after);
        if (diff_grid_.row_hovered()) {
            tooltip(context, change.path + "\n" + (change.before.empty() ? "absent" : change.before) + "\n→ " +
                                 (change.after.empty() ? "absent" : change.after));
        }
    }
    diff_grid_.end(context);
}

void ResourceInspector::versions(Context& context, Rect area, const engine::Record& record, std::size_t selected) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    p.hline(area.x, area.right(), area.y, c.line);
    const Rect title = area.take_top(context.px(28));
    section_title(context, title, context.px(14), "Versions", number(record.versions_seen));
    const auto changed = record.history.back()->changed.size();
    ShortText note;
    if (record.history.size() < record.versions_seen) {
        note.append(number(static_cast<std::int64_t>(record.history.size()))).append(" kept");
    } else if (changed > 0 && record.history.size() > 1) {
        note.append(number(static_cast<std::int64_t>(changed))).append(changed == 1 ? " field" : " fields");
        note.append(" changed in the newest");
    }
    if (!later_.empty()) note = number(static_cast<std::int64_t>(later_.size())).append(" later");
    p.text_right(p.f().small, title.right() - context.px(14), title.y, title.h, c.t3, note);

    const Rect foot = area.take_bottom(context.px(30));
    GridStyle style;
    style.row_height = 20;
    style.left = 8;
    style.right = 12;
    const std::size_t held = record.history.size();
    const auto count = static_cast<std::int64_t>(held + later_.size());
    const auto against =
        context.ui.inspector.tab == InspectorTab::Diff ? against_version(context, record, selected) : std::nullopt;
    versions_grid_.begin(context, "inspector/versions", area, version_columns, count, style);
    for (std::int64_t i = versions_grid_.first(); i < versions_grid_.last(); ++i) {
        const auto at = static_cast<std::size_t>(count - 1 - i);
        const bool later = at >= held; // than the moment that is shown
        const engine::Version& version = later ? *later_[at - held] : *record.history[at];
        const auto tone = [&](ImU32 color) { return later ? c.line3 : color; };
        const bool chosen = at == selected;
        const bool compared = against && at == *against;
        versions_grid_.row(context, i, {chosen, compared ? c.bg2 : 0, compared ? c.line3 : 0});
        if (!version.resource)
            versions_grid_.text(context, 0, p.f().mono, tone(c.t4), "deleted");
        else
            versions_grid_.text(context, 0, p.f().mono, tone(c.t2), short_id(version.version_id(), 6));
        versions_grid_.text(context, 1, p.f().mono, tone(c.t3),
                            version.last_updated ? clock_ms(wall(*version.last_updated)) : ShortText("?"));
        versions_grid_.text(context, 2, p.f().cell, tone(c.t2), engine::to_string(version.channel));
        const bool first = version.resource && at == 0 && record.history.size() == record.versions_seen;
        if (first)
            versions_grid_.text(context, 3, p.f().cell, c.t3, "initial");
        else if (!version.changed.empty())
            versions_grid_.text(context, 3, p.f().cell, tone(chosen ? c.t1 : c.t2), join(version.changed));
        if (versions_grid_.row_hovered() && version.last_updated) {
            tooltip(context, std::string(version.version_id()) + "\n" + utc_full(wall(*version.last_updated)).c_str() +
                                 " by the server\n" + utc_full(wall(version.received)).c_str() + " received" +
                                 (first || version.changed.empty() ? "" : "\nchanged: " + join(version.changed)) +
                                 (later ? "\nAfter the moment that is shown: a click shows every view then"
                                        : "\nShift click or right click: compare with this one"));
        }
    }
    versions_grid_.end(context);
    const auto place = [&](std::int64_t row) { return static_cast<std::size_t>(count - 1 - row); };
    const std::int64_t pressed = std::max(versions_grid_.right_clicked(), versions_grid_.clicked());
    if (pressed >= 0 && place(pressed) >= held)
        show_at(context, moment_of(*context.whole, *later_[place(pressed) - held]));
    else if (versions_grid_.right_clicked() >= 0 || (pressed >= 0 && ImGui::GetIO().KeyShift))
        compare_with(context, record, place(pressed));
    else if (pressed >= 0)
        open_version(context, record, place(pressed));
    const engine::Version& shown = *record.history[selected];
    float x = p.mark(Mark::Info, foot.x + context.px(14), foot.y, foot.h) + context.px(7);
    if (!later_.empty()) {
        p.put(p.f().small, x, foot.y, foot.h, c.t3, "Grey: after the moment that is shown");
    } else if (shown.subscription < context.snapshot.subscriptions.size()) {
        x = p.text(p.f().small, x, foot.y, foot.h, c.t3, "Delivered by") + context.px(4);
        p.text_cut(p.f().mono_small, x, foot.right() - context.px(14), foot.y, foot.h, c.t3,
                   context.snapshot.subscriptions[shown.subscription].criteria);
    } else {
        ShortText how("Found by ");
        p.put(p.f().small, x, foot.y, foot.h, c.t3, how.append(engine::to_string(shown.channel)));
    }
}

// In place of a content that was given up: it is asked for once, and is here with one of the next frames.
void ResourceInspector::missing_pane(Context& context, const Rect& area, const engine::Record& record) {
    const Painter p(context.theme);
    if (can_send(context) && asked_for_ != record.history.back()) {
        asked_for_ = record.history.back();
        const std::string& reference = record.reference;
        context.send(engine::SetFocus{std::string(fhir::type_part(reference)), reference});
    }
    p.paragraph(p.f().body, area.inset(context.px(14), context.px(10)), context.px(18), p.c().t3,
                can_send(context)
                    ? "Its content was given up for room, and is read again."
                    : "Its content was given up for room: what is shown took more than the session allows "
                      "(--resource-memory). Its type, id, version and time are known.");
    context.target("inspector/missing", area);
}

// The newest version with the edit that is pending, an older one as it was.
void ResourceInspector::tree_pane(Context& context, const Rect& area, const engine::Record& record,
                                  std::size_t selected) {
    const fhir::ResourcePtr version = resource_of(record.history[selected]);
    const bool newest = selected + 1 == record.history.size();
    const fhir::ResourcePtr& shown = newest ? shown_resource(record) : version;
    TreeEdit edit{&record, newest ? edit_blocked(context, record)
                                  : std::string_view("An older version is shown; the newest can be edited.")};
    if (shown != version)
        tree_.show(shown, version, TreePane::Against::Server);
    else
        tree_.show(version, selected > 0 ? resource_of(record.history[selected - 1]) : nullptr);
    tree_.draw(context, "inspector/tree", area, shown ? &edit : nullptr);
    if (!shown) {
        const Painter p(context.theme);
        p.put(p.f().body, area.x + context.px(14), area.y + context.px(10), context.px(20), p.c().t3,
              "This version is the deletion.");
    }
}

void ResourceInspector::trace_pane(Context& context, const Rect& area, const engine::Version& version) {
    const Painter p(context.theme);
    const auto trace = trace_of(context.snapshot, context.shown, version.update);
    if (!trace) {
        p.put(p.f().body, area.x + context.px(14), area.y + context.px(10), context.px(20), p.c().t3,
              "Its update has left the log.");
        return;
    }
    draw_trace(context, area, *trace);
}

// The next or previous version is opened, or compared with. Where links are shown, the keys are theirs.
void ResourceInspector::version_keys(Context& context, const engine::Record& record, std::size_t selected) {
    const InspectorKeys& keys = context.ui.inspector.keys;
    const auto last = static_cast<std::int64_t>(record.history.size()) - 1;
    const auto moved = [&](std::size_t from, int rows) { // a row down is a version back
        return static_cast<std::size_t>(std::clamp<std::int64_t>(static_cast<std::int64_t>(from) - rows, 0, last));
    };
    if (keys.row != 0 && context.ui.inspector.tab != InspectorTab::Links) {
        const std::size_t to = moved(selected, keys.row);
        open_version(context, record, to);
        versions_grid_.reveal(last - static_cast<std::int64_t>(to));
    }
    if (keys.against != 0) {
        std::size_t to = moved(against_version(context, record, selected).value_or(selected), keys.against);
        if (to == selected) // with itself there is nothing to compare
            to = moved(to, keys.against);
        if (to != selected) {
            compare_with(context, record, to);
            versions_grid_.reveal(last - static_cast<std::int64_t>(to));
        }
    }
}

void ResourceInspector::find_later(const Context& context) {
    later_.clear();
    if (context.whole == context.snapshot_ptr) return;
    const engine::Record* known = whole_finder_.find(*context.whole, context.ui.selection.reference);
    if (known == nullptr) return;
    std::ranges::copy_if(known->history, std::back_inserter(later_), [&](const engine::VersionPtr& version) {
        return moment_of(*context.whole, *version) > context.now;
    });
}

void ResourceInspector::draw(Context& context, Rect area) {
    const Painter p(context.theme);
    find_later(context);
    const engine::Record* record = finder_.find(context.snapshot, context.ui.selection.reference);
    if (record == nullptr || record->history.empty()) {
        const auto first = later_.empty() ? std::nullopt : std::optional(moment_of(*context.whole, *later_.front()));
        inspector_id_line(context, area, "Resource", context.ui.selection.reference, {}, first);
        area.take_top(context.px(6));
        p.put(p.f().body, area.x + context.px(14), area.y, context.px(20), p.c().t3,
              later_.empty() ? "It is not loaded." : "It comes after the moment that is shown.");
        return;
    }
    version_keys(context, *record, selected_version(context, *record));
    const std::size_t selected = selected_version(context, *record);
    const engine::VersionPtr& version = record->history[selected];
    const auto against = against_version(context, *record, selected);

    head(context, area, *record);
    edit_.draw(context, area, *record);
    inspector_tabs(context, area, resource_tabs);
    const float rows = static_cast<float>(std::clamp<std::size_t>(record->history.size() + later_.size(), 2, 8));
    const float list = context.px(28 + 22 + 30 + 20 * rows);
    versions(context, area.take_bottom(std::min(list, area.h * 0.55F)), *record, selected);

    if (version->key_only && !record->edit && context.ui.inspector.tab != InspectorTab::Trace)
        return missing_pane(context, area, *record);
    switch (context.ui.inspector.tab) {
        case InspectorTab::Diff: {
            // Of the moment that is shown with what became of it, unless a version was chosen.
            const InspectorState& chosen = context.ui.inspector;
            if (!later_.empty() && chosen.version.empty() && chosen.against.empty())
                diff_pane(context, area, later_.back(), version);
            else
                diff_pane(context, area, version, against ? record->history[*against] : nullptr);
            break;
        }
        case InspectorTab::Json:
            if (version->resource) {
                json_.show(version->resource, version->resource->text(), true);
                json_.draw(context, "inspector/json", area);
            }
            break;
        case InspectorTab::Trace:
            trace_pane(context, area, *version);
            break;
        case InspectorTab::Links:
            links_.draw(context, area, *record);
            break;
        default:
            tree_pane(context, area, *record, selected);
            break;
    }
}

} // namespace fhirscope::gui
