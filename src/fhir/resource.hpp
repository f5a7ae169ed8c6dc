#pragma once
// A FHIR resource as a value: its JSON text, unchanged, and the few fields that the engine needs, read once.

#include "fhir/result.hpp"
#include "fhir/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// Bounds on what is accepted from the network (PROTOCOL E4; a Medplum frame is at most about 1 MB of JSON).
struct Limits {
    std::size_t max_bytes = 4u << 20; // of one frame or one resource
    std::size_t max_depth = 64;       // nesting of objects and arrays
    std::size_t max_members = 4096;   // of one object; more is "too-large"
    std::size_t max_entries = 65'536; // of one Bundle, and events of one notification; more is "too-large"
};

// The same for the body of an HTTP answer, which may be a page of many resources, or a very large one.
inline Limits answer_limits() {
    Limits limits;
    limits.max_bytes *= 16;
    return limits;
}

// One top-level member of a resource: where it stands in the text, and a hash of its name and its value's bytes, so
// that two versions can be compared member by member without reading either again.
struct Field {
    std::uint32_t name_begin = 0, name_size = 0;   // without the quotes
    std::uint32_t value_begin = 0, value_size = 0; // the JSON value, exactly
    std::uint64_t hash = 0;                        // XXH3 of the value's bytes, mixed with the name's
};

// Broken rules of PROTOCOL E4 that leave the text readable; the validate stage decides what they mean.
enum class Irregularity : std::uint8_t {
    None = 0,
    NullValue = 1,     // null outside an array
    EmptyValue = 2,    // "" or [] or {}
    DuplicateKey = 4,  // a property name twice in one object
    ControlChar = 8,   // below 32, other than tab, LF, CR (as an escape)
    NumberAsText = 16, // a number for the id, versionId or lastUpdated, which are texts
};
constexpr Irregularity operator|(Irregularity a, Irregularity b) {
    return static_cast<Irregularity>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr bool has(Irregularity set, Irregularity one) {
    return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(one)) != 0;
}

// Immutable; shared between versions, snapshots and windows. Thread-safe because nothing in it changes. Not copyable:
// its views point into its own text; pass the ResourcePtr on.
class Resource {
public:
    Resource() = default;
    Resource(const Resource&) = delete;
    Resource& operator=(const Resource&) = delete;

    std::string_view text() const { return text_; }
    // Without escapes; a number in the place of a text is its digits.
    std::string_view type() const { return type_; }             // "" where resourceType is missing or not a string
    std::string_view id() const { return id_; }                 // "" where missing
    std::string_view version_id() const { return version_id_; } // opaque: compared for equality only; "" where missing
    std::string_view last_updated_text() const { return last_updated_text_; }
    // nullopt where it is missing, or no time can be read from it.
    std::optional<ServerTime> last_updated() const { return last_updated_; }
    // It has a zone, so that it can be compared with other times than those of the same server's versions.
    bool time_is_exact() const { return time_is_exact_; }
    // Its meta has none, and the headers of a read stand in.
    bool version_is_etag() const { return version_is_etag_; }
    bool time_is_header() const { return time_is_header_; }
    // "Type/id": the key under which stores hold it.
    const std::string& reference() const { return reference_; }

    std::span<const Field> fields() const { return fields_; }
    std::string_view name_of(const Field& f) const { return text().substr(f.name_begin, f.name_size); }
    std::string_view value_of(const Field& f) const { return text().substr(f.value_begin, f.value_size); }
    // The JSON text of a top-level member, or nullopt.
    std::optional<std::string_view> member(std::string_view name) const;

    Irregularity irregularities() const { return irregularities_; }
    // The property or place of the first irregularity, for the message.
    const std::string& irregular_at() const { return irregular_at_; }

    // Bytes that this version costs in memory (text, field table, object).
    std::size_t memory_bytes() const;

private:
    friend class ResourceScanner;
    std::string text_;
    std::vector<Field> fields_;
    std::string reference_;
    std::string aside_; // what the views below cannot show of the text: undone escapes, headers
    std::string_view type_, id_, version_id_, last_updated_text_; // into text_ or aside_
    std::optional<ServerTime> last_updated_;
    bool time_is_exact_ = true, version_is_etag_ = false, time_is_header_ = false;
    Irregularity irregularities_ = Irregularity::None;
    std::string irregular_at_;
};

using ResourcePtr = std::shared_ptr<const Resource>;

// An element of a page or frame that could not be read, with what can be known of it.
struct Unreadable {
    std::string type, id, version; // "" where they cannot be known
    std::optional<ServerTime> last_updated;
    std::string place; // "entry[3].resource"
    std::string reason;
    std::string text; // as it was sent
    std::string reference() const { return type.empty() || id.empty() ? std::string() : type + '/' + id; }
};

// What is left of a resource whose content is not kept: type, id, versionId and lastUpdated, and the mark of FHIR for
// what is incomplete and must not be written back (the tag SUBSETTED).
ResourcePtr key_of(const Resource& resource);

// What an answer's headers say of the resource in it; "" for none.
struct Headers {
    std::string etag, last_modified; // W/"3"; "Tue, 10 Feb 2026 10:30:15 GMT", or an instant
};
// Reads one resource. Where its meta lacks versionId or lastUpdated those of `headers` stand in. Errors: TooLarge,
// TooDeep, Malformed (not JSON, not UTF-8, not an object; with offset). A readable text that breaks FHIR rules is
// not an error here: see irregularities().
Result<ResourcePtr> parse_resource(std::string_view text, const Limits& limits = {}, const Headers& headers = {});
// The headers that stand in for what a resource lacks, so that it can be read again as it is; both "" for others.
Headers stand_ins(const Resource& resource);

} // namespace fhirscope::fhir
