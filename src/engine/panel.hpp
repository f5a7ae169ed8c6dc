#pragma once
// Panel definitions (assets/panels/*.json): which resources a panel shows and which columns.

#include "fhir/fields.hpp"
#include "fhir/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

// How a column's text is drawn and sorted.
enum class ColumnKind : std::uint8_t { Text, Code, Date, DateTime, Status, Priority, Id, Reference };

struct Column {
    std::string id;    // "status"
    std::string title; // "Status"
    std::string path; // FHIRPath subset (fhir/path.hpp), or "handler:NAME" for a value that the type's handler computes
    ColumnKind kind = ColumnKind::Text;
    std::uint16_t width = 120; // pixels at 100 %
    bool narrow = false;       // also shown below 1100 px
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, id, title, path, kind, width, narrow);
    }
    bool operator==(const Column&) const = default;
};

// How an overlap of a field is decided, by the name of a strategy ("*": of all other fields).
struct FieldPolicy {
    std::string field, strategy;
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, field, strategy);
    }
    bool operator==(const FieldPolicy&) const = default;
};

struct PanelDefinition {
    std::string id;       // "tasks"
    std::string title;    // "Tasks"
    std::string type;     // resource type; one panel a type
    std::string criteria; // what to subscribe to; "Task" or "Basic?code=device-alert"
    std::vector<Column> columns;
    std::string sort;                     // column id
    std::vector<FieldPolicy> conflicts{}; // rules for fields of the type; the first that names a field or "*" counts
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, id, title, type, criteria, columns, sort, conflicts);
    }
    bool operator==(const PanelDefinition&) const = default;
};

// Errors: Panel with file, line, member and reason in the message.
Result<PanelDefinition> parse_panel(std::string_view json, std::string_view file_name);

} // namespace fhirscope::engine
