#pragma once
// What a filter can ask about: each kind of row (updates of the log, resources of a panel, conflicts, frames) has its
// set of fields, and facts that answer for one row.

#include "fhir/ascii.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::query {

enum class ValueKind : std::uint8_t {
    Text,     // ":" contains, "=" is
    Word,     // one or several of a closed list
    YesNo,    //
    Number,   // whole
    Duration, // µs; written 200ms, 1.5s, 800us, 2m
    Size,     // bytes; written 900, 2kB, 1MB
    Date,     // ISO text; compared as far as it is written: due < 2026-02
};

struct Field {
    std::string name;    // in lower case, without spaces
    std::string meaning; // a few words, for the list of completions and the documentation
    ValueKind kind = ValueKind::Text;
    std::vector<std::string> words{};   // of kind `Word`
    std::vector<std::string> aliases{}; // other names
    bool bare = false;                  // a word without a field is looked for in it (text only)
};

class Fields {
public:
    Fields() = default;
    explicit Fields(std::vector<Field> fields)
        : fields_(std::make_shared<const std::vector<Field>>(std::move(fields))) {}

    std::size_t size() const { return all().size(); }
    const Field& operator[](std::size_t i) const { return all()[i]; }
    // By its name or an alias, given in lower case.
    std::optional<std::size_t> find(std::string_view name) const;
    // The one that may have been meant by a name that is none; nothing when none is near.
    std::optional<std::size_t> nearest(std::string_view name) const;
    // "type, id, version".
    std::string names() const;
    bool operator==(const Fields& other) const;

private:
    const std::vector<Field>& all() const;

    std::shared_ptr<const std::vector<Field>> fields_; // copies share it, and are equal at a glance; null: none
};

// Answers for one row, by the place of the field in its set. Only what a filter asks is asked of it.
class Facts {
public:
    virtual ~Facts() = default;
    // Of text and dates. Several values are parted by line feeds, and each counts. Valid until the next call.
    virtual std::string_view text(std::size_t field) const = 0;
    // Of words: bit i says that words[i] is so.
    virtual std::uint64_t words(std::size_t field) const = 0;
    // Of numbers, durations (µs), sizes (bytes) and yes or no (1, 0). Nothing when it is not known: then no comparison
    // holds.
    virtual std::optional<std::int64_t> number(std::size_t field) const = 0;
};

// Names of an enum as words of a field: to_string's, with "-" for spaces, in lower case.
template <class Enum, class ToString>
std::vector<std::string> words_of(std::size_t count, ToString to_string) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < count; ++i) {
        std::string word(to_string(static_cast<Enum>(i)));
        for (char& ch : word) ch = ch == ' ' ? '-' : fhir::lower_ascii(ch);
        words.push_back(std::move(word));
    }
    return words;
}

// Bit of an enumerator among words_of.
template <class Enum>
std::uint64_t bit(Enum value) {
    return std::uint64_t{1} << static_cast<unsigned>(value);
}

} // namespace fhirscope::query
