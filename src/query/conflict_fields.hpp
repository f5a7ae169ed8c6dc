#pragma once
// What a filter can ask about a conflict.

#include "engine/conflict.hpp"
#include "query/fields.hpp"

#include <cstdint>
#include <string>

namespace fhirscope::query {

enum class ConflictField : std::uint8_t {
    Kind,
    Resource,
    Type,
    Id,
    Patient,
    Field,
    Strategy,
    Outcome,
    Author,
    Channel,
    Open,
    Note
};

const Fields& conflict_fields();

class ConflictFacts final : public Facts {
public:
    // Which conflict is asked about; it must outlive the question.
    ConflictFacts& at(const engine::Conflict& conflict) {
        conflict_ = &conflict;
        return *this;
    }

    std::string_view text(std::size_t field) const override;
    std::uint64_t words(std::size_t field) const override;
    std::optional<std::int64_t> number(std::size_t field) const override;

private:
    const engine::Conflict* conflict_ = nullptr;
    mutable std::string text_;
};

} // namespace fhirscope::query
