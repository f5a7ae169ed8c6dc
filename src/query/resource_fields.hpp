#pragma once
// What a filter can ask about a resource of a panel: what is known of every resource, and the panel's columns by their
// ids.

#include "engine/panel.hpp"
#include "engine/store.hpp"
#include "query/fields.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fhirscope::query {

enum class ResourceField : std::uint8_t { Type, Id, Resource, Version, Freshness, Stale, Conflict, Pending, Flaws };

// How sure a row is; it has one of them. As the panels' first column says it.
enum class Freshness : std::uint8_t { Current, Unsure, Stale, Checking, Removed, Pending, Conflict };
constexpr std::size_t freshness_count = 7;
std::string_view to_string(Freshness freshness);
Freshness freshness_of(const engine::Record& record);

// The fields of one panel. A column that is called as a field that every resource has is asked for as "column-<id>".
class ResourceFields {
public:
    ResourceFields() : ResourceFields(engine::PanelDefinition{}) {}
    explicit ResourceFields(const engine::PanelDefinition& panel);
    const Fields& fields() const { return fields_; }
    // The column that a field asks for; nothing for those that every resource has.
    std::optional<std::size_t> column(std::size_t field) const;

private:
    Fields fields_;
};

class ResourceFacts final : public Facts {
public:
    // `fields` must outlive it.
    explicit ResourceFacts(const ResourceFields& fields) : fields_(fields) {}
    // Which record is asked about; `row` has its cells as they are shown (null: none). Both must outlive the question.
    ResourceFacts& at(const engine::Record& record, const engine::Row* row) {
        record_ = &record;
        row_ = row;
        return *this;
    }

    std::string_view text(std::size_t field) const override;
    std::uint64_t words(std::size_t field) const override;
    std::optional<std::int64_t> number(std::size_t field) const override;

private:
    const ResourceFields& fields_;
    const engine::Record* record_ = nullptr;
    const engine::Row* row_ = nullptr;
    mutable std::string text_;
};

} // namespace fhirscope::query
