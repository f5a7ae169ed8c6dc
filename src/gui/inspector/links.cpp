#include "gui/inspector/links.hpp"

#include "fhir/reference.hpp"
#include "gui/base/format.hpp"
#include "gui/frame/selection.hpp"
#include "gui/model/labels.hpp"
#include "gui/ui/widgets.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::gui {

namespace {

constexpr std::array<GridColumn, 3> link_columns = {
    {{"place", "Element", 104}, {"resource", "Resource", 126}, {"title", "", 90, Align::Left, true}}};

ShortText short_name(std::string_view reference) {
    ShortText text(fhir::type_part(reference));
    return text.append("/").append(short_id(fhir::id_part(reference)));
}

} // namespace

void LinksPane::look(const Context& context, const engine::Record& record) {
    const fhir::ResourcePtr& shown = shown_resource(record);
    if (links_of_ != shown) {
        links_of_ = shown;
        links_ = shown ? links_of(*shown) : std::vector<Link>();
        finders_.assign(links_.size(), RecordFinder());
    }
    if (chosen_of_ != context.ui.selection.reference) {
        chosen_of_ = context.ui.selection.reference;
        chosen_ = -1;
        out_grid_.scroll_to_top();
        in_grid_.scroll_to_top();
    }
}

const std::string& LinksPane::place_of(const engine::Record& record, const std::string& reference) {
    constexpr std::size_t most_kept = 512; // about what is on the screen
    const fhir::ResourcePtr& resource = record.history.back()->resource;
    if (named_.size() > most_kept) named_.clear();
    Named& named = named_[resource.get()];
    if (!named.resource || named.reference != reference) {
        named = {resource, reference, {}};
        for (const Link& link : resource ? links_of(*resource) : std::vector<Link>())
            if (link.target == reference) named.place += (named.place.empty() ? "" : ", ") + link.path;
    }
    return named.place;
}

void LinksPane::outgoing(Context& context, Rect area) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    section_title(context, area.take_top(context.px(28)), context.px(14), "Names",
                  number(static_cast<std::int64_t>(links_.size())));
    GridStyle style;
    style.row_height = 20;
    style.left = 8;
    const auto count = static_cast<std::int64_t>(links_.size());
    if (chosen_ >= 0 && chosen_ < count && context.ui.inspector.keys.row != 0) out_grid_.reveal(chosen_);
    out_grid_.begin(context, "inspector/links", area, link_columns, count, style);
    for (std::int64_t i = out_grid_.first(); i < out_grid_.last(); ++i) {
        const Link& link = links_[static_cast<std::size_t>(i)];
        const engine::Record* target =
            link.target.empty() ? nullptr : finders_[static_cast<std::size_t>(i)].find(context.snapshot, link.target);
        out_grid_.row(context, i, {i == chosen_, 0, 0});
        out_grid_.text(context, 0, p.f().cell, c.t3, link.path);
        out_grid_.text(context, 1, p.f().mono, target != nullptr ? c.t1 : c.t3,
                       link.target.empty() ? ShortText(link.reference) : short_name(link.target));
        out_grid_.text(context, 2, p.f().cell, target != nullptr ? c.t2 : c.t4,
                       target != nullptr     ? title_of(context.snapshot, *target)
                       : link.target.empty() ? std::string_view("cannot be followed")
                                             : std::string_view("not loaded"));
        if (out_grid_.row_hovered()) tooltip(context, link.path + "\n" + link.reference);
    }
    out_grid_.end(context);
    if (links_.empty()) empty_state(context, out_grid_.body(), "It names no other resource.");
    const bool by_key = context.ui.inspector.keys.open && chosen_ >= 0 && chosen_ < count;
    const std::int64_t opened = by_key ? chosen_ : out_grid_.clicked();
    if (opened >= 0 && !links_[static_cast<std::size_t>(opened)].target.empty())
        select_resource(context, std::string(links_[static_cast<std::size_t>(opened)].target));
}

void LinksPane::incoming(Context& context, Rect area, const engine::Record& record) {
    const Painter p(context.theme);
    const Palette& c = p.c();
    index_.update(context.snapshot_ptr, context.worker);
    const std::vector<LinkIndex::Place>& sources = index_.to(record.reference);
    p.hline(area.x, area.right(), area.y, c.line);
    const Rect title = area.take_top(context.px(28));
    section_title(context, title, context.px(14), "Referenced by", number(static_cast<std::int64_t>(sources.size())));
    if (!index_.complete())
        p.text_right(p.f().small, title.right() - context.px(14), title.y, title.h, c.t3, "loading");
    GridStyle style;
    style.row_height = 20;
    style.left = 8;
    const auto before = static_cast<std::int64_t>(links_.size());
    const auto count = static_cast<std::int64_t>(sources.size());
    if (chosen_ >= before && context.ui.inspector.keys.row != 0) in_grid_.reveal(chosen_ - before);
    in_grid_.begin(context, "inspector/named-by", area, link_columns, count, style);
    for (std::int64_t i = in_grid_.first(); i < in_grid_.last(); ++i) {
        const LinkIndex::Place place = sources[static_cast<std::size_t>(i)];
        in_grid_.row(context, i, {i + before == chosen_, 0, 0});
        if (place.store >= context.snapshot.stores.size() ||
            place.index >= context.snapshot.stores[place.store].records.size())
            continue; // of the snapshot before
        const engine::Record& source = *context.snapshot.stores[place.store].records[place.index];
        in_grid_.text(context, 0, p.f().cell, c.t3, place_of(source, record.reference));
        in_grid_.text(context, 1, p.f().mono, c.t1, short_name(source.reference));
        in_grid_.text(context, 2, p.f().cell, c.t2, title_of(context.snapshot, source));
        if (in_grid_.row_hovered()) tooltip(context, source.reference + "\n" + place_of(source, record.reference));
    }
    in_grid_.end(context);
    if (count == 0 && index_.complete()) empty_state(context, in_grid_.body(), "Nothing loaded refers to it.");
    const bool by_key = context.ui.inspector.keys.open && chosen_ >= before && chosen_ - before < count;
    const std::int64_t opened = by_key ? chosen_ - before : in_grid_.clicked();
    if (opened >= 0) {
        const LinkIndex::Place place = sources[static_cast<std::size_t>(opened)];
        if (place.store < context.snapshot.stores.size() &&
            place.index < context.snapshot.stores[place.store].records.size())
            select_resource(context, context.snapshot.stores[place.store].records[place.index]->reference);
    }
}

void LinksPane::draw(Context& context, const Rect& area, const engine::Record& record) {
    look(context, record);
    const auto all = static_cast<std::int64_t>(links_.size() + index_.to(record.reference).size());
    if (context.ui.inspector.keys.row != 0 && all > 0)
        chosen_ = std::clamp<std::int64_t>(chosen_ + context.ui.inspector.keys.row, 0, all - 1);
    Rect rest = area;
    const float rows = static_cast<float>(std::clamp<std::size_t>(links_.size(), 2, 8));
    const float upper = std::min(context.px(28 + 22 + 6) + context.px(20) * rows, rest.h / 2);
    outgoing(context, rest.take_top(snap(upper)));
    incoming(context, rest, record);
}

} // namespace fhirscope::gui
