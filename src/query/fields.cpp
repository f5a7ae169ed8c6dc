#include "query/fields.hpp"

#include <algorithm>

namespace fhirscope::query {

namespace {

// Letters to add, take away or replace to make one of the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
            corner = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

} // namespace

const std::vector<Field>& Fields::all() const {
    static const std::vector<Field> none;
    return fields_ ? *fields_ : none;
}

std::optional<std::size_t> Fields::find(std::string_view name) const {
    for (std::size_t i = 0; i < size(); ++i) {
        const std::vector<std::string>& aliases = (*this)[i].aliases;
        if ((*this)[i].name == name || std::find(aliases.begin(), aliases.end(), name) != aliases.end()) return i;
    }
    return std::nullopt;
}

std::optional<std::size_t> Fields::nearest(std::string_view name) const {
    std::optional<std::size_t> best;
    std::size_t least = 3; // more letters wrong is another word
    for (std::size_t i = 0; i < size() && name.size() <= 64; ++i) {
        const bool begun = name.size() >= 2 && (*this)[i].name.starts_with(name);
        const std::size_t wrong = begun ? 0 : distance(name, (*this)[i].name);
        if (wrong < least && wrong < (*this)[i].name.size() / 2 + 1) {
            least = wrong;
            best = i;
        }
    }
    return best;
}

std::string Fields::names() const {
    std::string out;
    for (const Field& field : all()) out += (out.empty() ? "" : ", ") + field.name;
    return out;
}

bool Fields::operator==(const Fields& other) const {
    return fields_ == other.fields_ || std::equal(
                                           all().begin(), all().end(), other.all().begin(), other.all().end(),
                                           [](const Field& a, const Field& b) {
                                               return a.name == b.name && a.kind == b.kind && a.words == b.words &&
                                                      a.aliases == b.aliases && a.bare == b.bare;
                                           });
}

} // namespace fhirscope::query
