#pragma once
// One pass over JSON text from the network. It checks the text in full (grammar, UTF-8, nesting, sizes) and notes where
// the things stand that the engine needs, so that nothing is parsed a second time and no tree is built. Internal to
// src/fhir: resources, bundles and notifications are made from what it finds.

#include "fhir/resource.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::fhir {

// A piece of text by position; size 0 where there is none.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
};

// The views below are unescaped. They stay valid while the scanned text does and until the next scan on the same
// thread.

// One element of SubscriptionStatus.notificationEvent.
struct ScannedEvent {
    std::string_view number, timestamp, focus;
};

struct ScannedResource {
    Span text;                               // in the text that was scanned
    Span type, id, version_id, last_updated; // in the resource's own text, without quotes, escapes kept
    std::uint32_t first_field = 0, field_count = 0;
    std::uint32_t first_event = 0, event_count = 0;
    Irregularity irregularities = Irregularity::None;
    std::string irregular_at;
    // Members of a SubscriptionStatus; other resources may have members of the same names, so look at the type first.
    std::string_view status, kind, subscription, events_since_start;
};

struct ScannedEntry {
    static constexpr std::int32_t none = -1;
    std::int32_t resource = none; // index into Scan::resources
    bool has_resource_member = false;
    bool is_object = true;                                                // false: something else stands in its place
    std::string_view full_url, search_mode, method, url, response_status; // method and url of the request
};

enum class ScanAs : std::uint8_t { Resource, Bundle };

struct Scan {
    // The root object of a bundle (or of whatever came instead of one).
    bool is_object = false;
    bool entry_is_list = true; // false: Bundle.entry is something else
    std::string_view resource_type, type, timestamp, total, next;
    Irregularity envelope = Irregularity::None; // outside the resources
    std::vector<ScannedEntry> entries;
    std::vector<ScannedResource> resources; // scanned as a resource: exactly one
    std::vector<ScannedEvent> events;
    std::vector<Field> fields;

    std::string_view type_of(const ScannedResource& r, std::string_view scanned) const {
        return scanned.substr(r.text.begin + r.type.begin, r.type.size);
    }
};

// Scans `text` and returns this thread's Scan, which the next call overwrites.
// Errors: TooLarge, TooDeep, Malformed, with the offset.
Result<const Scan*> scan(std::string_view text, ScanAs what, const Limits& limits);

class ResourceScanner {
public:
    // Copies one resource out of the scanned text.
    static ResourcePtr make(std::string_view scanned, const Scan& scan, const ScannedResource& resource,
                            const Headers& headers = {});

private:
    static void make_views(Resource& made, const Headers& headers);
};

} // namespace fhirscope::fhir
