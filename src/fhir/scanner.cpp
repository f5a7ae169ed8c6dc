#include "fhir/scanner.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <xxhash.h>

#include "fhir/utf8.hpp"

namespace fhirscope::fhir {
namespace {

// What an object or array is, as far as we look into it.
enum class Context : std::uint8_t {
    Other,
    Root,
    Links,        // Bundle.link
    Link,
    Entries,      // Bundle.entry
    Entry,
    EntrySearch,
    EntryRequest,
    EntryResponse,
    Resource,
    Meta,
    StatusSubscription, // SubscriptionStatus.subscription
    StatusEvents,       // SubscriptionStatus.notificationEvent
    StatusEvent,
    StatusFocus,
};

bool is_array_context(Context context) {
    return context == Context::Links || context == Context::Entries || context == Context::StatusEvents;
}

Context element_context(Context array) {
    switch (array) {
    case Context::Links:
        return Context::Link;
    case Context::Entries:
        return Context::Entry;
    case Context::StatusEvents:
        return Context::StatusEvent;
    default:
        return Context::Other;
    }
}

struct Level {
    Context context = Context::Other;
    bool is_array = false;
    std::uint32_t first_key = 0; // in keys_; an array has none of its own
    std::uint32_t count = 0;     // members or elements so far
};

struct SeenKey {
    std::uint64_t hash = 0;
    std::string_view name; // unescaped
};

// Objects up to this size look for a duplicate key by comparing; larger ones sort their keys once, at their end.
constexpr std::uint32_t max_compared_keys = 32;

// Equal names have equal hashes; the reverse is checked by comparing the names. Reads 8 bytes from `name` on whatever its
// size: the buffer is padded.
std::uint64_t hash_key(const char* name, std::size_t size) {
    std::uint64_t head = 0;
    std::memcpy(&head, name, 8);
    if (size < 8)
        return (head & ((std::uint64_t{1} << (8 * size)) - 1)) ^ (std::uint64_t{size} << 56);
    std::uint64_t tail = 0;
    std::memcpy(&tail, name + size - 8, 8);
    return (head ^ std::rotl(tail, 29)) * 0x9E3779B97F4A7C15u + size;
}

class Handler {
public:
    Handler(Scan& out, std::vector<Level>& levels, std::vector<SeenKey>& keys, std::string_view text, const char* buffer,
            rapidjson::InsituStringStream& stream, ScanAs what, const Limits& limits)
        : out_(out), levels_(levels), keys_(keys), text_(text), buffer_(buffer), stream_(stream),
          child_(what == ScanAs::Resource ? Context::Resource : Context::Root),
          max_depth_(limits.max_depth + (what == ScanAs::Bundle ? bundle_depth : 0)), max_members_(limits.max_members) {}

    const Error& error() const { return error_; }

    bool Null() {
        const std::size_t end = stream_.Tell();
        begin_scalar();
        if (levels_.empty() || !levels_.back().is_array)
            note(Irregularity::NullValue);
        return end_scalar(end - 4, end);
    }

    bool Bool(bool value) {
        const std::size_t end = stream_.Tell();
        begin_scalar();
        return end_scalar(end - (value ? 4 : 5), end);
    }

    bool RawNumber(const char* number, rapidjson::SizeType size, bool) {
        begin_scalar();
        if (number_slot_ != nullptr)
            *number_slot_ = {number, size};
        const auto begin = static_cast<std::size_t>(number - buffer_);
        return end_scalar(begin, begin + size);
    }

    bool String(const char* string, rapidjson::SizeType size, bool) {
        const auto begin = static_cast<std::size_t>(string - buffer_);
        begin_scalar();
        std::size_t raw_size = size;
        if (is_escaped(begin, size)) {
            raw_size = raw_end(begin) - begin;
            if (!check_unescaped({string, size}, begin))
                return false;
        }
        if (size == 0)
            note(Irregularity::EmptyValue);
        if (slot_ != nullptr)
            *slot_ = {string, size};
        if (raw_slot_ != nullptr)
            *raw_slot_ = {static_cast<std::uint32_t>(begin - resource_begin_), static_cast<std::uint32_t>(raw_size)};
        return end_scalar(begin - 1, begin + raw_size + 1);
    }

    bool Key(const char* string, rapidjson::SizeType size, bool) {
        Level& level = levels_.back();
        const std::string_view name(string, size);
        const auto begin = static_cast<std::size_t>(string - buffer_);
        if (++level.count > max_members_)
            return stop("too-large", "an object has more than " + std::to_string(max_members_) + " members", begin);
        std::size_t raw_size = size;
        if (is_escaped(begin, size)) {
            raw_size = raw_end(begin) - begin;
            if (!check_unescaped(name, begin))
                return false;
        }
        add_key(level, name);

        slot_ = number_slot_ = nullptr;
        raw_slot_ = nullptr;
        child_ = Context::Other;
        if (level.context != Context::Other)
            on_known_key(level.context, name, begin, raw_size);
        return true;
    }

    bool StartObject() { return start(false); }
    bool StartArray() { return start(true); }

    bool EndObject(rapidjson::SizeType) {
        const Level level = levels_.back();
        if (level.count > max_compared_keys)
            find_duplicates_by_sorting(level);
        keys_.resize(level.first_key);
        return end(level);
    }

    bool EndArray(rapidjson::SizeType) { return end(levels_.back()); }

    // RapidJSON's interface asks for them; numbers come as RawNumber.
    bool Int(int) { return true; }
    bool Uint(unsigned) { return true; }
    bool Int64(std::int64_t) { return true; }
    bool Uint64(std::uint64_t) { return true; }
    bool Double(double) { return true; }

private:
    static constexpr std::size_t bundle_depth = 3; // Bundle, entry, its element: a resource in it may be as deep as one alone

    bool stop(std::string code, std::string message, std::size_t offset) {
        error_ = {std::move(code), std::move(message), offset};
        return false;
    }

    bool in_resource() const { return resource_level_ != 0; }
    ScannedResource& resource() { return out_.resources.back(); }

    // A string without escapes is as long in the text as in memory, so the closing quote stands right behind it; inside
    // an escaped string a quote at that place would be an escaped one.
    bool is_escaped(std::size_t begin, std::size_t size) const {
        return text_[begin + size] != '"' || (size > 0 && text_[begin + size - 1] == '\\');
    }

    std::size_t raw_end(std::size_t offset) const {
        while (text_[offset] != '"')
            offset += text_[offset] == '\\' ? 2u : 1u;
        return offset;
    }

    // Only escapes can bring these in: the reader refuses control characters as such, and the text is valid UTF-8.
    bool check_unescaped(std::string_view string, std::size_t offset) {
        for (std::size_t i = 0; i < string.size(); ++i) {
            const auto byte = static_cast<unsigned char>(string[i]);
            if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r')
                note(Irregularity::ControlChar);
            else if (byte == 0xED && i + 1 < string.size() && static_cast<unsigned char>(string[i + 1]) >= 0xA0)
                return stop("malformed", "not valid JSON: an escape is half of a surrogate pair", offset);
        }
        return true;
    }

    void add_key(const Level& level, std::string_view name) {
        const std::uint64_t hash = hash_key(name.data(), name.size());
        if (level.count <= max_compared_keys)
            for (std::size_t i = level.first_key; i < keys_.size(); ++i)
                if (keys_[i].hash == hash && keys_[i].name == name) {
                    keys_.push_back({hash, name}); // so that the place is named
                    note(Irregularity::DuplicateKey);
                    return;
                }
        keys_.push_back({hash, name});
    }

    void find_duplicates_by_sorting(const Level& level) {
        const auto first = keys_.begin() + level.first_key;
        std::sort(first, keys_.end(), [](const auto& a, const auto& b) {
            return a.hash != b.hash ? a.hash < b.hash : a.name < b.name;
        });
        const auto found = std::adjacent_find(
            first, keys_.end(), [](const auto& a, const auto& b) { return a.hash == b.hash && a.name == b.name; });
        if (found == keys_.end())
            return;
        keys_.back() = *found;
        note(Irregularity::DuplicateKey);
    }

    void on_known_key(Context context, std::string_view name, std::size_t begin, std::size_t raw_size) {
        switch (context) {
        case Context::Root:
            if (name == "entry")
                child_ = Context::Entries;
            else if (name == "link")
                child_ = Context::Links;
            else if (name == "resourceType")
                slot_ = &out_.resource_type;
            else if (name == "type")
                slot_ = &out_.type;
            else if (name == "timestamp")
                slot_ = &out_.timestamp;
            else if (name == "total")
                number_slot_ = &out_.total;
            break;
        case Context::Link:
            if (name == "relation")
                slot_ = &link_relation_;
            else if (name == "url")
                slot_ = &link_url_;
            break;
        case Context::Entry:
            on_entry_key(out_.entries.back(), name);
            break;
        case Context::EntrySearch:
            if (name == "mode")
                slot_ = &out_.entries.back().search_mode;
            break;
        case Context::EntryRequest:
            if (name == "method")
                slot_ = &out_.entries.back().method;
            break;
        case Context::EntryResponse:
            if (name == "status")
                slot_ = &out_.entries.back().response_status;
            break;
        case Context::Resource:
            field_.name_begin = static_cast<std::uint32_t>(begin - resource_begin_);
            field_.name_size = static_cast<std::uint32_t>(raw_size);
            on_resource_key(resource(), name);
            break;
        case Context::Meta:
            if (name == "versionId")
                raw_slot_ = &resource().version_id;
            else if (name == "lastUpdated")
                raw_slot_ = &resource().last_updated;
            break;
        case Context::StatusSubscription:
            if (name == "reference")
                slot_ = &resource().subscription;
            break;
        case Context::StatusEvent:
            if (name == "eventNumber")
                slot_ = number_slot_ = &out_.events.back().number;
            else if (name == "timestamp")
                slot_ = &out_.events.back().timestamp;
            else if (name == "focus")
                child_ = Context::StatusFocus;
            break;
        case Context::StatusFocus:
            if (name == "reference")
                slot_ = &out_.events.back().focus;
            break;
        default:
            break;
        }
    }

    void on_entry_key(ScannedEntry& entry, std::string_view name) {
        if (name == "resource") {
            child_ = Context::Resource;
            entry.has_resource_member = true;
        } else if (name == "fullUrl") {
            slot_ = &entry.full_url;
        } else if (name == "search") {
            child_ = Context::EntrySearch;
        } else if (name == "request") {
            child_ = Context::EntryRequest;
        } else if (name == "response") {
            child_ = Context::EntryResponse;
        }
    }

    void on_resource_key(ScannedResource& resource, std::string_view name) {
        if (name == "id")
            raw_slot_ = &resource.id;
        else if (name == "meta")
            child_ = Context::Meta;
        else if (name == "resourceType")
            raw_slot_ = &resource.type;
        else if (name == "status")
            slot_ = &resource.status;
        else if (name == "type")
            slot_ = &resource.kind;
        else if (name == "subscription")
            child_ = Context::StatusSubscription;
        else if (name == "notificationEvent")
            child_ = Context::StatusEvents;
        else if (name == "eventsSinceSubscriptionStart")
            slot_ = number_slot_ = &resource.events_since_start;
    }

    // A slot belongs to the value that directly follows its key.
    void begin_scalar() {
        if (!levels_.empty() && levels_.back().is_array) {
            ++levels_.back().count;
            slot_ = number_slot_ = nullptr;
            raw_slot_ = nullptr;
        }
    }

    bool end_scalar(std::size_t begin, std::size_t end) {
        if (!levels_.empty() && levels_.back().context == Context::Resource) {
            field_.value_begin = static_cast<std::uint32_t>(begin - resource_begin_);
            finish_field(end);
        }
        return true;
    }

    void finish_field(std::size_t end) {
        field_.value_size = static_cast<std::uint32_t>(end - resource_begin_) - field_.value_begin;
        field_.hash = XXH3_64bits(text_.data() + resource_begin_ + field_.value_begin, field_.value_size);
        out_.fields.push_back(field_);
    }

    bool start(bool is_array) {
        const std::size_t begin = stream_.Tell() - 1;
        if (levels_.size() >= max_depth_)
            return stop("too-deep", "objects and arrays are nested more than " + std::to_string(max_depth_) + " deep", begin);
        Context context = child_;
        if (!levels_.empty()) {
            Level& parent = levels_.back();
            if (parent.is_array) {
                ++parent.count;
                context = element_context(parent.context);
            }
            if (parent.context == Context::Resource)
                field_.value_begin = static_cast<std::uint32_t>(begin - resource_begin_);
        }
        child_ = Context::Other;
        slot_ = number_slot_ = nullptr;
        raw_slot_ = nullptr;
        // Where the kind is not the one expected ("entry": {}), nobody looks inside.
        if (is_array != is_array_context(context))
            context = Context::Other;
        levels_.push_back({context, is_array, static_cast<std::uint32_t>(keys_.size()), 0});
        if (context != Context::Other)
            on_known_start(context, begin);
        return true;
    }

    void on_known_start(Context context, std::size_t begin) {
        switch (context) {
        case Context::Root:
            out_.is_object = true;
            break;
        case Context::Link:
            link_relation_ = link_url_ = {};
            break;
        case Context::Entry:
            out_.entries.emplace_back();
            break;
        case Context::Resource: {
            resource_begin_ = begin;
            resource_level_ = levels_.size();
            if (!out_.entries.empty())
                out_.entries.back().resource = static_cast<std::int32_t>(out_.resources.size());
            ScannedResource& added = out_.resources.emplace_back();
            added.first_field = static_cast<std::uint32_t>(out_.fields.size());
            added.first_event = static_cast<std::uint32_t>(out_.events.size());
            break;
        }
        case Context::StatusEvent:
            out_.events.emplace_back();
            break;
        default:
            break;
        }
    }

    bool end(const Level& level) {
        levels_.pop_back();
        if (level.count == 0)
            note(Irregularity::EmptyValue);
        if (level.context == Context::Resource)
            finish_resource();
        else if (level.context == Context::Link && link_relation_ == "next")
            out_.next = link_url_;
        if (!levels_.empty() && levels_.back().context == Context::Resource)
            finish_field(stream_.Tell());
        return true;
    }

    void finish_resource() {
        ScannedResource& done = resource();
        done.text = {static_cast<std::uint32_t>(resource_begin_),
                     static_cast<std::uint32_t>(stream_.Tell() - resource_begin_)};
        done.field_count = static_cast<std::uint32_t>(out_.fields.size()) - done.first_field;
        done.event_count = static_cast<std::uint32_t>(out_.events.size()) - done.first_event;
        resource_level_ = 0;
    }

    void note(Irregularity found) {
        if (!in_resource()) {
            out_.envelope = out_.envelope | found;
            return;
        }
        ScannedResource& here = resource();
        if (here.irregularities == Irregularity::None)
            here.irregular_at = place();
        here.irregularities = here.irregularities | found;
    }

    // "name[1].given[0]": the value being read, from the resource down.
    std::string place() const {
        std::string path;
        for (std::size_t i = resource_level_ - 1; i < levels_.size(); ++i) {
            const Level& level = levels_[i];
            if (level.is_array) {
                path += '[' + std::to_string(level.count == 0 ? 0 : level.count - 1) + ']';
                continue;
            }
            const std::size_t next_key = i + 1 < levels_.size() ? levels_[i + 1].first_key : keys_.size();
            if (next_key == level.first_key)
                break;
            if (!path.empty())
                path += '.';
            path += keys_[next_key - 1].name.substr(0, 64);
        }
        return path;
    }

    Scan& out_;
    std::vector<Level>& levels_;
    std::vector<SeenKey>& keys_;
    std::string_view text_;
    const char* buffer_; // the copy that the reader unescapes in place; positions are those of text_
    rapidjson::InsituStringStream& stream_;
    Context child_; // what the next object or array will be
    std::size_t max_depth_, max_members_;
    // Where the value of the key just read goes.
    std::string_view* slot_ = nullptr;
    std::string_view* number_slot_ = nullptr;
    Span* raw_slot_ = nullptr;

    std::size_t resource_begin_ = 0;
    std::size_t resource_level_ = 0; // number of open levels with it, 0 outside
    Field field_;
    std::string_view link_relation_, link_url_;
    Error error_;
};

// Kept from one call to the next, so that a frame of the usual size allocates nothing here.
struct Workspace {
    std::vector<char> buffer;
    std::vector<Level> levels;
    std::vector<SeenKey> keys;
    Scan scan;

    void clear() {
        levels.clear();
        keys.clear();
        scan.is_object = false;
        scan.resource_type = scan.type = scan.timestamp = scan.total = scan.next = {};
        scan.envelope = Irregularity::None;
        scan.entries.clear();
        scan.resources.clear();
        scan.events.clear();
        scan.fields.clear();
    }
};

// One very large page should not hold its memory for good.
constexpr std::size_t max_kept_bytes = 1u << 20;
// RapidJSON's SIMD code reads aligned blocks of 16 bytes, hash_key() 8 bytes from any position.
constexpr std::size_t padding = 32;

std::size_t max_scan_bytes(const Limits& limits) {
    return std::min<std::size_t>(limits.max_bytes, 0xFFFFFF00u); // positions are kept in 32 bits
}

} // namespace

Result<const Scan*> scan(std::string_view text, ScanAs what, const Limits& limits) {
    if (text.size() > max_scan_bytes(limits))
        return fail("too-large",
                    "the text has " + std::to_string(text.size()) + " bytes; at most " +
                        std::to_string(max_scan_bytes(limits)) + " are accepted",
                    max_scan_bytes(limits));
    if (const std::size_t offset = find_invalid_utf8(text); offset != std::string_view::npos)
        return fail("malformed", "not valid UTF-8 at byte " + std::to_string(offset), offset);

    thread_local Workspace work;
    work.clear();
    if (work.buffer.size() > max_kept_bytes && text.size() < max_kept_bytes)
        std::vector<char>().swap(work.buffer);
    if (work.buffer.size() < text.size() + padding)
        work.buffer.resize(text.size() + padding);
    std::memcpy(work.buffer.data(), text.data(), text.size());
    std::memset(work.buffer.data() + text.size(), 0, padding);

    rapidjson::InsituStringStream stream(work.buffer.data());
    Handler handler(work.scan, work.levels, work.keys, text, work.buffer.data(), stream, what, limits);
    rapidjson::Reader reader;
    constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
    const rapidjson::ParseResult parsed = reader.Parse<flags>(stream, handler);
    if (parsed.Code() == rapidjson::kParseErrorTermination)
        return tl::unexpected<Error>(handler.error());
    // The reader takes a NUL for the end of the text.
    if (parsed && stream.Tell() < text.size())
        return fail("malformed", "not valid JSON at byte " + std::to_string(stream.Tell()) + ": a NUL character",
                    stream.Tell());
    if (!parsed)
        return fail("malformed",
                    "not valid JSON at byte " + std::to_string(parsed.Offset()) + ": " +
                        rapidjson::GetParseError_En(parsed.Code()),
                    parsed.Offset());
    return &work.scan;
}

ResourcePtr ResourceScanner::make(std::string_view scanned, const Scan& scan, const ScannedResource& resource) {
    auto made = std::make_shared<Resource>();
    made->text_.assign(scanned.data() + resource.text.begin, resource.text.size);
    const std::string_view text = made->text_;
    const auto view = [&](Span span) { return text.substr(span.begin, span.size); };
    made->type_ = view(resource.type);
    made->id_ = view(resource.id);
    made->version_id_ = view(resource.version_id);
    made->last_updated_text_ = view(resource.last_updated);
    made->last_updated_ = parse_instant(made->last_updated_text_);
    made->fields_.assign(scan.fields.begin() + resource.first_field,
                         scan.fields.begin() + resource.first_field + resource.field_count);
    made->reference_.reserve(made->type_.size() + 1 + made->id_.size());
    made->reference_.append(made->type_).append(1, '/').append(made->id_);
    made->irregularities_ = resource.irregularities;
    made->irregular_at_ = resource.irregular_at;
    return made;
}

} // namespace fhirscope::fhir
