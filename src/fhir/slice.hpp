#pragma once
// Reads JSON text that a scan has already found well-formed, without building a tree: a slice is the text of one value.
// Escapes are undone only where somebody asks for a string, and numbers keep their digits. On text that is not
// well-formed the answers are useless but harmless: nothing outside the text is read, and every loop ends.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace fhirscope::fhir {

constexpr bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
// The first position from `offset` on that is not white space.
std::size_t skip_space(std::string_view text, std::size_t offset);
// The position behind the value that starts at `offset`.
std::size_t value_end(std::string_view text, std::size_t offset);
// The characters between a JSON string's quotes, with the escapes undone.
std::string unescape(std::string_view raw);

class Slice {
public:
    enum class Kind : std::uint8_t { None, Null, Bool, Number, String, Array, Object };

    Slice() = default;
    // `text` is one value, without space around it.
    explicit Slice(std::string_view text) : text_(text) {}

    std::string_view text() const { return text_; }
    Kind kind() const;
    bool exists() const { return !text_.empty(); }

    // The unescaped string, or "" where this is none.
    std::string string() const;
    // The characters between the quotes with escapes kept, or "".
    std::string_view raw_string() const;
    // Whether this is the string `expected`.
    bool is_string(std::string_view expected) const;

    // A member of an object; a Slice that does not exist where there is none. The first of several with one name.
    Slice member(std::string_view name) const;

    // visit(raw_name, Slice) for each member of an object, visit(Slice) for each element of an array; nothing for other
    // kinds. Raw names have no quotes and keep their escapes. A visit that returns false ends the walk.
    template <class Visit>
    void each_member(Visit visit) const;
    template <class Visit>
    void each_element(Visit visit) const;

private:
    std::string_view text_;
};

bool raw_equals(std::string_view raw, std::string_view unescaped);
// The first value in a text, which may stand between white space.
Slice value_in(std::string_view text);
std::vector<Slice> elements_of(Slice array); // none for other kinds

namespace detail {
template <class Visit, class... Arguments>
bool visit_and_go_on(Visit& visit, Arguments... arguments) {
    if constexpr (std::is_same_v<decltype(visit(arguments...)), bool>) {
        return visit(arguments...);
    } else {
        visit(arguments...);
        return true;
    }
}
} // namespace detail

template <class Visit>
void Slice::each_member(Visit visit) const {
    if (kind() != Kind::Object) return;
    std::size_t i = skip_space(text_, 1);
    while (i < text_.size() && text_[i] == '"') {
        const std::size_t name_end = value_end(text_, i);
        if (name_end < i + 2) return;
        const std::string_view name = text_.substr(i + 1, name_end - i - 2);
        i = skip_space(text_, name_end);
        if (i >= text_.size() || text_[i] != ':') return;
        i = skip_space(text_, i + 1);
        const std::size_t end = value_end(text_, i);
        if (!detail::visit_and_go_on(visit, name, Slice(text_.substr(i, end - i)))) return;
        i = skip_space(text_, end);
        if (i >= text_.size() || text_[i] != ',') return;
        i = skip_space(text_, i + 1);
    }
}

template <class Visit>
void Slice::each_element(Visit visit) const {
    if (kind() != Kind::Array) return;
    std::size_t i = skip_space(text_, 1);
    while (i < text_.size() && text_[i] != ']') {
        const std::size_t end = value_end(text_, i);
        if (end == i) return;
        if (!detail::visit_and_go_on(visit, Slice(text_.substr(i, end - i)))) return;
        i = skip_space(text_, end);
        if (i >= text_.size() || text_[i] != ',') return;
        i = skip_space(text_, i + 1);
    }
}

} // namespace fhirscope::fhir
