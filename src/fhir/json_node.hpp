#pragma once
// A JSON value of which only what is changed is opened: all else stays the text that it was, byte for byte, with its
// escapes, digits, order and white space.

#include "fhir/slice.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace fhirscope::fhir {

// What is removed keeps its place until the text is asked for, so that the indexes of several changes mean the value
// as it was. The text that it is made of must outlive it.
class JsonNode {
public:
    JsonNode() = default; // nothing is there
    explicit JsonNode(std::string_view text);

    bool exists() const { return is_open_ || !closed_text().empty(); }
    bool is_array() const { return is_open_ ? is_array_ : Slice(closed_text()).kind() == Slice::Kind::Array; }
    bool is_null() const { return !is_open_ && closed_text() == "null"; }

    void set(std::string_view text);
    void remove() { set(""); }

    // The member, made where there is none; of several with one name the first.
    JsonNode& member(std::string_view name);
    JsonNode* find_member(std::string_view name);
    // All that have the name, so that none of them comes to light when the first is gone.
    void remove_members(std::string_view name);
    // visit(name, JsonNode&)
    template <class Visit>
    void each_member(Visit visit);

    // Of an array, which it becomes where nothing is there.
    std::size_t size();
    JsonNode& element(std::size_t index); // below size()
    JsonNode& append();

    // "" where everything was removed from it.
    std::string text() const;

private:
    struct Child;

    std::string_view closed_text() const { return is_set_ ? std::string_view(set_) : source_; }
    void open(Slice::Kind kind);
    JsonNode& add(std::string raw_name);

    std::string_view source_;
    std::string set_; // instead of source_, once it was set
    bool is_set_ = false;
    bool is_open_ = false;
    bool is_array_ = false;
    std::deque<Child> children_; // members or elements; a deque keeps what is referred to
};

struct JsonNode::Child {
    std::string raw_name; // of members
    JsonNode value;
    std::size_t begin = 0, value_begin = 0, end = 0; // in the closed text; all 0: it is new
    bool is_new() const { return end == 0; }
};

inline JsonNode::JsonNode(std::string_view text) : source_(text) {}

inline JsonNode& JsonNode::element(std::size_t index) { return children_[index].value; }

template <class Visit>
void JsonNode::each_member(Visit visit) {
    open(Slice::Kind::Object);
    for (Child& child : children_) visit(unescape(child.raw_name), child.value);
}

} // namespace fhirscope::fhir
