#pragma once
// What is being edited in place: the field, what was typed, and whether it may be written. Without drawing.

#include "engine/store.hpp"
#include "fhir/edit.hpp"
#include "gui/model/edit/edit_choices.hpp"
#include "gui/model/edit/edit_fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

// Who draws the cell that the form lies over.
enum class EditPlace : std::uint8_t { Panel, Tree, Pending };

class EditForm {
public:
    // A form for a field of a resource as it is shown; `server` is what the server has of it. `typed` stands in for the
    // present value ("Edit again"). Where the field cannot be edited the form only says why: problem().
    static EditForm make(const fhir::ResourcePtr& shown, const fhir::ResourcePtr& server, EditField field,
                         EditPlace place, std::optional<std::string> typed = std::nullopt);

    const std::string& reference() const { return reference_; }
    const EditField& field() const { return field_; }
    EditPlace place() const { return place_; }
    // "dateTime", or "" where no single type is asked for.
    std::string_view type_name() const;
    bool editable() const { return editable_; }
    // One of the choices is asked for rather than a text.
    bool closed_list() const { return field_.ask == Ask::Value && !choices_.empty(); }

    // Choices that contain what was typed (of a closed list all of them).
    std::vector<EditChoice> choices() const;
    // Owners to choose from. The name of one of them, typed in full, means that one.
    void offer(std::vector<EditChoice> choices);

    std::string typed;

    // Looks at what was typed and at a newer version of the resource; cheap while neither has changed.
    void check(const fhir::ResourcePtr& shown);
    // Why it cannot be written; "" when it can.
    const std::string& problem() const { return problem_; }
    // What became of the field since the form was opened; "" when nothing.
    const std::string& news() const { return news_; }
    // Something else was typed than what stood there.
    bool touched() const { return typed != was_ || refused_; }
    // A choice cannot be written.
    void refuse(std::string why) {
        problem_ = std::move(why);
        refused_ = true;
    }
    // Enter was pressed all the same: the problem counts although nothing was typed.
    void insist() { refused_ = true; }
    // What is sent; empty while there is a problem or nothing is changed.
    const std::vector<fhir::FieldEdit>& edits() const { return edits_; }
    // What a choice sends.
    Result<std::vector<fhir::FieldEdit>> edits_of(const EditChoice& choice) const;

private:
    std::string now() const; // what stands in the field
    void look();             // at what was typed

    std::string reference_;
    EditField field_;
    EditPlace place_ = EditPlace::Panel;
    bool editable_ = false, refused_ = false;
    fhir::FieldRule rule_;
    std::vector<EditChoice> choices_;
    std::string was_, checked_, problem_, news_;
    fhir::ResourcePtr shown_; // that `typed` was checked against
    std::vector<fhir::FieldEdit> edits_;
};

struct EditMenuItem {
    enum class Does : std::uint8_t { Edit, Remove, Discard } does = Does::Edit;
    EditField field;
    std::string label;
    std::string blocked; // why it cannot be done; "" when it can
};

// What may be done to a resource or a field of it.
struct EditMenu {
    std::string reference;
    EditPlace place = EditPlace::Panel;
    std::vector<EditMenuItem> items;
};

} // namespace fhirscope::gui
