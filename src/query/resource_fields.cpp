#include "query/resource_fields.hpp"

#include "fhir/reference.hpp"
#include "fhir/validate.hpp"
#include "query/lookup.hpp"
#include "query/text.hpp"

namespace fhirscope::query {

namespace {

constexpr std::size_t common = 9; // fields of every resource: ResourceField

ValueKind kind_of(engine::ColumnKind kind) {
    const bool date = kind == engine::ColumnKind::Date || kind == engine::ColumnKind::DateTime;
    return date ? ValueKind::Date : ValueKind::Text;
}

} // namespace

std::string_view to_string(Freshness freshness) {
    switch (freshness) {
        case Freshness::Current:
            return "current";
        case Freshness::Unsure:
            return "unsure";
        case Freshness::Stale:
            return "stale";
        case Freshness::Checking:
            return "checking";
        case Freshness::Removed:
            return "removed";
        case Freshness::Pending:
            return "pending";
        case Freshness::Conflict:
            return "conflict";
    }
    return "?";
}

Freshness freshness_of(const engine::Record& record) {
    if (in_conflict(record)) return Freshness::Conflict;
    if (is_pending(record)) return Freshness::Pending;
    switch (record.standing) {
        case engine::Standing::Unconfirmed:
        case engine::Standing::OutOfView:
            return Freshness::Unsure;
        case engine::Standing::Checking:
            return record.server_side ? Freshness::Stale : Freshness::Checking;
        case engine::Standing::Deleted:
            return Freshness::Removed;
        case engine::Standing::Current:
            break;
    }
    return Freshness::Current;
}

ResourceFields::ResourceFields(const engine::PanelDefinition& panel) {
    // In the order of ResourceField.
    std::vector<Field> fields = {
        {"type", "Resource type", ValueKind::Text},
        {"id", "Id of the resource", ValueKind::Text},
        {"resource", "Type and id: Task/8d0c", ValueKind::Text, {}, {"reference"}, true},
        {"version", "Version that is shown", ValueKind::Text},
        {"freshness", "How sure it is that this is the server's version", ValueKind::Word,
         words_of<Freshness>(freshness_count, [](Freshness freshness) { return to_string(freshness); })},
        {"stale", "Whether there was a gap since the server last confirmed it", ValueKind::YesNo},
        {"conflict", "Whether its edit waits for a decision", ValueKind::YesNo},
        {"pending", "Whether it has an edit that is not written yet", ValueKind::YesNo},
        {"flaws", "What is formally wrong with it: meta.versionId is missing", ValueKind::Text},
    };
    for (const engine::Column& column : panel.columns) {
        std::string name = fold(column.id);
        bool taken = false;
        for (std::size_t i = 0; i < common; ++i) taken = taken || fields[i].name == name;
        fields.push_back(
            {taken ? "column-" + name : name, "Column " + column.title, kind_of(column.kind), {}, {}, true});
    }
    fields_ = Fields(std::move(fields));
}

std::optional<std::size_t> ResourceFields::column(std::size_t field) const {
    return field < common ? std::nullopt : std::optional(field - common);
}

std::string_view ResourceFacts::text(std::size_t field) const {
    if (const auto column = fields_.column(field)) {
        return row_ != nullptr && *column < row_->cells.size() ? std::string_view(row_->cells[*column])
                                                               : std::string_view();
    }
    switch (static_cast<ResourceField>(field)) {
        case ResourceField::Type:
            return fhir::type_part(record_->reference);
        case ResourceField::Id:
            return record_->id();
        case ResourceField::Resource:
            return record_->reference;
        case ResourceField::Version:
            return record_->history.empty() ? std::string_view() : record_->current().version_id();
        case ResourceField::Flaws:
            text_ = record_->resource() && !record_->key_only() ? fhir::flaws_of(*record_->resource()) : std::string();
            return text_;
        default:
            return {};
    }
}

std::uint64_t ResourceFacts::words(std::size_t /*field*/) const { return bit(freshness_of(*record_)); }

std::optional<std::int64_t> ResourceFacts::number(std::size_t field) const {
    switch (static_cast<ResourceField>(field)) {
        case ResourceField::Stale:
            return (freshness_of(*record_) == Freshness::Unsure || freshness_of(*record_) == Freshness::Stale) ? 1 : 0;
        case ResourceField::Conflict:
            return in_conflict(*record_) ? 1 : 0;
        case ResourceField::Pending:
            return is_pending(*record_) ? 1 : 0;
        default:
            return std::nullopt;
    }
}

} // namespace fhirscope::query
