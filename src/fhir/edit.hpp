#pragma once
// Edits of single fields of a resource, as a person makes them. The rest of the text stays as it was, digit by digit.

#include "fhir/fields.hpp"
#include "fhir/resource.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

struct FieldEdit {
    std::string path;  // "status", "restriction.period.end", "note[1].text"; "note[+].text" appends an element
    std::string value; // JSON text; "" removes the field (and what it leaves empty)
    template <class A>
    void archive(A& a) {
        FHIRSCOPE_FIELDS(a, path, value);
    }
    bool operator==(const FieldEdit&) const = default;
};

enum class FieldType : std::uint8_t {
    String,
    Markdown,
    Code,
    Uri,
    Boolean,
    Integer,
    Decimal,
    Date,
    DateTime,
    Instant,
    Time,
    Reference
};
std::string_view to_string(FieldType type); // "code", "dateTime", …

// What may be written at a path: from the elements of Task and Patient that panels show, else from the value that is
// there. Only primitive fields, and never id, resourceType or meta.
struct FieldRule {
    FieldType type = FieldType::String;
    std::span<const std::string_view> codes; // all that are allowed; empty: any
    bool required = false;                   // cannot be removed
};
// Errors: Path (not understood, nothing is there and it is no known element, an object or array, read-only).
Result<FieldRule> rule_for(const Resource& resource, std::string_view path);

// What a person typed, as JSON text for FieldEdit::value. "" removes. Errors: those of rule_for; Value (not a date of
// the calendar, not a number, an unknown code, a required field removed), which say what is expected.
Result<std::string> to_json(const Resource& resource, std::string_view path, std::string_view typed);

// The resource with the edits made. Objects and arrays on the way to a known element are made; with another `reference`
// go the display, type and identifier of the old target, unless they are edited, too. Errors: as of rule_for
// and to_json, for edits whose values break the rules; then nothing is changed.
Result<std::string> apply_edits(const Resource& resource, std::span<const FieldEdit> edits);

// A JSON Patch (RFC 6902) that makes `after` of `before`, guarded by a `test` of /meta/versionId (PROTOCOL A4). Ignores
// the members of meta that the server sets. "" where nothing differs.
std::string make_patch(const Resource& before, const Resource& after);

} // namespace fhirscope::fhir
