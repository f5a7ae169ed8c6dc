#include "fhir/edit.hpp"

#include "fhir/choice.hpp"
#include "fhir/edit_rules.hpp"
#include "fhir/field_value.hpp"
#include "fhir/json.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace fhirscope::fhir {
namespace {

// A value of the resource, of which only what is edited is opened: the rest stays the text that it was. What is removed
// keeps its place until the end, so that the indexes of all edits mean the resource as it was.
class Node {
public:
    Node() = default;
    explicit Node(std::string text) : text_(std::move(text)) {}

    bool exists() const { return is_open_ || !text_.empty(); }
    bool is_array() const { return is_open_ ? is_array_ : Slice(text_).kind() == Slice::Kind::Array; }
    bool is_null() const { return !is_open_ && text_ == "null"; }

    void set(std::string_view text) {
        members_.clear();
        elements_.clear();
        is_open_ = false;
        text_ = text;
    }
    void remove() { set(""); }

    // The member, made where there is none.
    Node& member(std::string_view name) {
        open(Slice::Kind::Object);
        for (auto& [raw_name, node] : members_)
            if (raw_equals(raw_name, name)) return node;
        const std::string quoted = quote(name);
        return members_.emplace_back(quoted.substr(1, quoted.size() - 2), Node()).second;
    }
    Node* find_member(std::string_view name) {
        if (!exists()) return nullptr;
        Node& found = member(name);
        return found.exists() ? &found : nullptr;
    }
    template <class Visit>
    void each_member(Visit visit) {
        open(Slice::Kind::Object);
        for (auto& [raw_name, node] : members_) visit(unescape(raw_name), node);
    }

    // The elements, for reading and adding.
    std::deque<Node>& elements() {
        open(Slice::Kind::Array);
        return elements_;
    }

    // The text, "" where everything was removed from it.
    std::string text() const {
        if (!is_open_) return text_;
        std::string text;
        const auto add = [&](const std::string& name, const Node& node) {
            const std::string value = node.text();
            if (value.empty()) return;
            if (!text.empty()) text += ',';
            text += name + value;
        };
        for (const auto& [raw_name, node] : members_) add('"' + raw_name + "\":", node);
        for (const Node& node : elements_) add("", node);
        if (text.empty()) return {};
        return is_array_ ? '[' + text + ']' : '{' + text + '}';
    }

private:
    void open(Slice::Kind kind) {
        if (is_open_) return;
        is_open_ = true;
        is_array_ = kind == Slice::Kind::Array;
        const Slice value{std::string_view(text_)};
        value.each_member([&](std::string_view raw_name, Slice member) {
            members_.emplace_back(std::string(raw_name), Node(std::string(member.text())));
        });
        value.each_element([&](Slice element) { elements_.emplace_back(std::string(element.text())); });
        text_.clear();
    }

    std::string text_; // while it is not open
    bool is_open_ = false;
    bool is_array_ = false;
    std::deque<std::pair<std::string, Node>> members_; // by raw name; deques keep what is referred to
    std::deque<Node> elements_;
};

bool is_nothing(const Node& node) { return !node.exists() || node.is_null(); }

// `x` and `_x` of a list say by position what belongs together (PROTOCOL E4).
void align(std::deque<Node>& shorter, std::size_t size) {
    while (shorter.size() < size) shorter.emplace_back("null");
}

class Editor {
public:
    explicit Editor(std::string_view text) : root_(std::string(text)) {}

    void make(const std::vector<FieldStep>& steps, std::string_view value) {
        if (value.empty())
            remove(steps);
        else
            set(steps, value);
    }

    std::string text() const {
        const std::string text = root_.text();
        return text.empty() ? "{}" : text;
    }

private:
    // `_x` of a list `x`.
    static Node* companions_of(Node& parent, const FieldStep& step) {
        Node* companions = parent.find_member('_' + step.name);
        return companions != nullptr && companions->is_array() ? companions : nullptr;
    }

    static void remove_companion(Node& parent, const FieldStep& step) {
        Node* companions = companions_of(parent, step);
        if (companions == nullptr) return;
        std::deque<Node>& elements = companions->elements();
        if (step.index < elements.size()) elements[step.index].remove();
        if (std::ranges::all_of(elements, is_nothing)) companions->remove();
    }

    void set(const std::vector<FieldStep>& steps, std::string_view value) {
        Node* here = &root_;
        for (const FieldStep& step : steps) {
            Node* parent = here;
            drop_other_types(*parent, step.name);
            here = &parent->member(step.name);
            if (step.place == FieldStep::Place::Only) continue;
            std::deque<Node>& elements = here->elements();
            if (step.place == FieldStep::Place::Index) {
                align(elements, step.index + 1); // an earlier edit may have removed the choice that this is in
                here = &elements[step.index];
                continue;
            }
            if (Node* companion = companions_of(*parent, step)) {
                align(elements, companion->elements().size());
                align(companion->elements(), elements.size() + 1);
            }
            here = &elements.emplace_back();
        }
        here->set(value);
    }

    // Of the types of one choice at most one may be there.
    static void drop_other_types(Node& parent, std::string_view name) {
        const Choice choice = split_choice(name);
        if (choice.element.empty()) return;
        parent.each_member([&](std::string_view other, Node& node) {
            const std::string_view other_name = other.substr(other.starts_with('_') ? 1 : 0);
            if (other_name != name && split_choice(other_name).element == choice.element) node.remove();
        });
    }

    // An element goes with its companion.
    void remove(const std::vector<FieldStep>& steps) {
        Node* here = &root_;
        for (const FieldStep& step : steps) {
            if (step.place == FieldStep::Place::Append) return; // what is not there yet
            Node* parent = here;
            here = parent->find_member(step.name);
            if (here == nullptr) return;
            const bool is_last = &step == &steps.back();
            if (step.place == FieldStep::Place::Index) {
                if (step.index >= here->elements().size()) return;
                here = &here->elements()[step.index];
                if (is_last) remove_companion(*parent, step);
            } else if (Node* companion = is_last ? parent->find_member('_' + step.name) : nullptr) {
                companion->remove();
            }
        }
        here->remove();
    }

    Node root_;
};

// The value without quotes and escapes; checks that the text is one JSON value of the field's type.
Result<std::string> plain_value(const EditTarget& target, const std::string& value) {
    if (value.empty()) return value;
    const auto wrong = [&] {
        return fail("value", target.label + " cannot be " + value.substr(0, 80) + ": a " +
                                 std::string(to_string(target.rule.type)) + " is " +
                                 (is_quoted(target.rule.type) ? "a JSON string" : "written in JSON without quotes"));
    };
    if (!is_quoted(target.rule.type)) return value.front() == '"' ? Result<std::string>(wrong()) : value;
    const auto parsed = parse_json(value);
    if (!parsed || !parsed->IsString()) return wrong();
    std::string plain(parsed->GetString(), parsed->GetStringLength());
    if (plain.empty())
        return fail("value", target.label + " cannot be empty: \"\" in place of the JSON text removes it");
    return plain;
}

// What a Reference says of its target beside `reference`: of another target it would be false.
void forget_target(Editor& editor, std::vector<FieldStep> steps, std::span<const FieldEdit> edits,
                   std::string_view path) {
    const std::string_view parent = path.substr(0, path.size() - std::string_view("reference").size());
    for (const std::string_view about : {"display", "type", "identifier"}) {
        const bool edited = std::ranges::any_of(edits, [&](const FieldEdit& edit) {
            return edit.path.starts_with(parent) &&
                   std::string_view(edit.path).substr(parent.size()).starts_with(about);
        });
        steps.back().name = about;
        if (!edited) editor.make(steps, "");
    }
}

} // namespace

Result<std::string> apply_edits(const Resource& resource, std::span<const FieldEdit> edits) {
    Editor editor(value_in(resource.text()).text());
    for (const FieldEdit& edit : edits) {
        const auto target = find_target(resource, edit.path);
        if (!target) return tl::unexpected(target.error());
        const auto plain = plain_value(*target, edit.value);
        if (!plain) return tl::unexpected(plain.error());
        if (auto checked = check_value(*target, *plain); !checked) return tl::unexpected(checked.error());
        const bool is_reference = target->steps.size() > 1 && target->steps.back().name == "reference";
        const std::string before = is_reference ? editor.text() : "";
        editor.make(target->steps, edit.value);
        if (is_reference && editor.text() != before) forget_target(editor, target->steps, edits, edit.path);
    }
    return editor.text();
}

} // namespace fhirscope::fhir
