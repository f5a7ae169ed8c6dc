#include "gui/frame/edit_actions.hpp"

#include "fhir/reference.hpp"
#include "gui/model/labels.hpp"

#include <utility>

namespace fhirscope::gui {

std::string_view edit_blocked(const Context& context) {
    if (context.session.source == Source::Replay) return "A recording is shown: there is no server to write to.";
    if (context.looking_back) return "An earlier moment is shown. Back to live first (End).";
    if (context.snapshot.connection.observing) return "Another client's traffic is observed: nothing is sent.";
    if (context.ui.paused) return "The window is paused: what it shows may have changed. F goes on.";
    return {};
}

std::string_view edit_blocked(const Context& context, const engine::Record& record) {
    const std::string_view reason = edit_blocked(context);
    if (reason.empty() && !record.edit && record.key_only())
        return "Its content was given up for room; it is read again.";
    return reason.empty() && !shown_resource(record) ? std::string_view("It is deleted on the server.") : reason;
}

std::string field_blocked(const fhir::Resource& resource, std::string_view path) {
    const auto rule = fhir::rule_for(resource, path);
    return rule ? std::string() : rule.error().message;
}

void open_form(Context& context, const engine::Record& record, EditField field, EditPlace place, const Rect& anchor,
               std::optional<std::string> typed) {
    if (!edit_blocked(context, record).empty()) return;
    const fhir::ResourcePtr server = record.history.empty() ? nullptr : record.history.back()->resource;
    const bool owner = field.ask == Ask::Owner;
    EditForm form = EditForm::make(shown_resource(record), server, std::move(field), place, std::move(typed));
    if (owner) {
        for (const engine::StoreView& store : context.snapshot.stores)
            if (store.type == "Task") form.offer(owners_seen(store));
    }
    Editing& editing = context.ui.overlays.editing;
    editing = {};
    editing.form = std::move(form);
    editing.anchor = anchor;
    editing.fresh = true;
}

namespace {

std::string field_reason(const engine::Record& record, const EditField& field) {
    return field_blocked(*shown_resource(record), field.ask == Ask::Owner ? "owner.display" : field.path);
}

EditMenuItem discard_item(const Context& context, const engine::Record& record) {
    EditMenuItem item;
    item.does = EditMenuItem::Does::Discard;
    item.label = "Discard the pending edit";
    item.blocked = edit_blocked(context);
    if (item.blocked.empty() && !can_discard(record)) item.blocked = "It is on its way to the server.";
    return item;
}

void open(Context& context, EditMenu menu, const Rect& at) {
    Editing& editing = context.ui.overlays.editing;
    editing = {};
    editing.menu = std::move(menu);
    editing.anchor = at;
    editing.fresh = true;
}

} // namespace

void open_menu(Context& context, const engine::Record& record, EditPlace place, const Rect& at) {
    const std::string_view type = fhir::type_part(record.reference);
    const std::string blocked(edit_blocked(context, record));
    EditMenu menu{record.reference, place, {}};
    for (EditField& field : known_fields(type)) {
        EditMenuItem item;
        item.label = field.ask == Ask::Note ? "Add a note…" : "Edit " + field.label + "…";
        item.blocked = blocked.empty() ? field_reason(record, field) : blocked;
        item.field = std::move(field);
        menu.items.push_back(std::move(item));
    }
    if (record.edit && record.edit->pending()) menu.items.push_back(discard_item(context, record));
    if (!menu.items.empty()) open(context, std::move(menu), at);
}

void open_field_menu(Context& context, const engine::Record& record, const std::string& path, std::string_view blocked,
                     const Rect& at) {
    EditMenuItem edit;
    edit.field = field_at(path);
    edit.label = "Edit " + edit.field.label + "…";
    edit.blocked = blocked.empty() ? field_reason(record, edit.field) : std::string(blocked);
    EditMenuItem remove = edit;
    remove.does = EditMenuItem::Does::Remove;
    remove.label = "Remove field";
    if (remove.blocked.empty()) {
        const auto json = fhir::to_json(*shown_resource(record), path, "");
        remove.blocked = json ? std::string() : json.error().message;
    }
    open(context, {record.reference, EditPlace::Tree, {std::move(edit), std::move(remove)}}, at);
}

bool can_discard(const engine::Record& record) {
    return record.edit && record.edit->pending() && record.edit->state != engine::EditState::Sending &&
           record.edit->state != engine::EditState::Checking;
}

} // namespace fhirscope::gui
