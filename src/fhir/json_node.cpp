#include "fhir/json_node.hpp"

#include "fhir/json.hpp"

namespace fhirscope::fhir {

void JsonNode::set(std::string_view text) {
    std::string value(text); // it may be a part of what is given up here
    children_.clear();
    is_open_ = false;
    is_set_ = true;
    set_ = std::move(value);
}

void JsonNode::open(Slice::Kind kind) {
    if (is_open_) return;
    if (Slice(closed_text()).kind() != kind) set(""); // a null or a text: nothing of it stays
    const std::string_view text = closed_text();
    is_open_ = true;
    is_array_ = kind == Slice::Kind::Array;
    const auto offset = [&](std::string_view part) { return static_cast<std::size_t>(part.data() - text.data()); };
    const auto add_old = [&](std::string_view raw_name, std::size_t begin, Slice value) {
        const std::size_t value_begin = offset(value.text());
        children_.push_back(
            {std::string(raw_name), JsonNode(value.text()), begin, value_begin, value_begin + value.text().size()});
    };
    const Slice value(text);
    value.each_member([&](std::string_view raw_name, Slice member) {
        add_old(raw_name, offset(raw_name) - 1, member); // from its quote
    });
    value.each_element([&](Slice element) { add_old({}, offset(element.text()), element); });
}

JsonNode& JsonNode::add(std::string raw_name) {
    Child& child = children_.emplace_back();
    child.raw_name = std::move(raw_name);
    return child.value;
}

JsonNode& JsonNode::member(std::string_view name) {
    open(Slice::Kind::Object);
    for (Child& child : children_)
        if (raw_equals(child.raw_name, name)) return child.value;
    const std::string quoted = quote(name);
    return add(quoted.substr(1, quoted.size() - 2));
}

void JsonNode::remove_members(std::string_view name) {
    open(Slice::Kind::Object);
    for (Child& child : children_)
        if (raw_equals(child.raw_name, name)) child.value.remove();
}

JsonNode* JsonNode::find_member(std::string_view name) {
    if (!exists()) return nullptr;
    JsonNode& found = member(name);
    return found.exists() ? &found : nullptr;
}

std::size_t JsonNode::size() {
    open(Slice::Kind::Array);
    return children_.size();
}

JsonNode& JsonNode::append() {
    open(Slice::Kind::Array);
    return add({});
}

std::string JsonNode::text() const {
    if (!is_open_) return std::string(closed_text());
    const std::string_view before = closed_text();
    std::string out;
    bool is_lossy = false;
    std::size_t old_end = 0; // of the last child that was there before, removed or not
    for (const Child& child : children_) {
        const std::string value = child.value.text();
        if (child.is_new()) {
            if (value.empty()) continue;
            if (!out.empty()) out += ',';
            if (!is_array_) out.append(1, '"').append(child.raw_name).append("\":");
            out += value;
            continue;
        }
        is_lossy |= value.empty();
        if (!value.empty()) {
            if (!out.empty()) out += before.substr(old_end, child.begin - old_end);
            out.append(before.substr(child.begin, child.value_begin - child.begin)).append(value);
        }
        old_end = child.end;
    }
    if (out.empty()) return is_lossy ? std::string() : std::string(before);
    if (before.empty()) return is_array_ ? '[' + out + ']' : '{' + out + '}';
    const std::size_t first = children_.front().is_new() ? 1 : children_.front().begin;
    return std::string(before.substr(0, first)).append(out).append(before.substr(old_end == 0 ? first : old_end));
}

} // namespace fhirscope::fhir
