#pragma once
// The names that stand for hidden texts: "<binding-token-3>". What the engine sees is the server's text with some parts
// hidden so, and nothing else changed; from it the server's own bytes can be had again (runtime/vault.hpp).
//
// A server may send such a name as plain text. It gets one "=" more then, "<=binding-token-3>", which is taken away on
// the way back; so a name without "=" always is one that was put there. The characters may be written as JSON escapes.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirscope::engine {

struct Alias {
    std::string_view kind;       // "jwt"
    std::uint64_t number = 0;    // from 1
    std::size_t begin = 0;       // in the text
    std::size_t inside = 0;      // behind the "<"
    std::size_t end = 0;         // behind the ">"
    std::size_t equal_signs = 0; // 0: it stands for a hidden text; more: it is the server's own text
    std::size_t equal_size = 0;  // bytes of the first of them
};

// A hidden text that is not the edited resource's own: nothing may be written with it.
constexpr std::string_view foreign_kind = "foreign";

std::string alias_text(std::string_view kind, std::uint64_t number);

// Gives one after the other. The text must outlive it.
class AliasScanner {
public:
    explicit AliasScanner(std::string_view text) : text_(text) {}
    std::optional<Alias> next();

private:
    std::size_t next_bracket();

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t bracket_ = 0, backslash_ = 0; // the next "<" and "" as far as looked for; behind the end: none
    bool is_begun_ = false;
};

// Bytes of the character at `at`, which may be a JSON escape; 0 at the end.
std::size_t letter_size(std::string_view text, std::size_t at);
// Whether the whole text is one that stands for a hidden text.
bool is_alias(std::string_view text);

} // namespace fhirscope::engine
