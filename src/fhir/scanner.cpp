#include "fhir/scanner.hpp"

#include "fhir/json_reader.hpp"
#include "fhir/scan_state.hpp"
#include "fhir/slice.hpp"

#include <xxhash.h>

#include <algorithm>
#include <deque>

namespace fhirscope::fhir {
namespace {

class Handler {
public:
    Handler(Workspace& work, std::string_view text, ScanAs what, const Limits& limits)
        : keys_(work.keys),
          out_(work.scan),
          base_(text.data()),
          child_(what == ScanAs::Resource ? Context::Resource : Context::Root),
          unescaped_(work.unescaped),
          max_depth_(limits.max_depth + (what == ScanAs::Bundle ? bundle_depth : 0)),
          max_members_(limits.max_members),
          max_entries_(limits.max_entries) {
        if (work.levels.size() < max_depth_ + 1) work.levels.resize(max_depth_ + 1);
        bottom_ = top_ = work.levels.data();
        *top_ = Level{};
    }

    const Error& error() const { return error_; }

    char closer() const { return top_->closer; }

    bool on_scalar(std::string_view text) {
        count_element();
        if (text.front() == 'n') {
            if (top_->closer != ']') note(Irregularity::NullValue);
        } else if (text.front() != 't' && text.front() != 'f') {
            if (number_slot_ != nullptr) *number_slot_ = text;
            if (raw_slot_ != nullptr) {
                *raw_slot_ = {resource_offset(text.data()), static_cast<std::uint32_t>(text.size())};
                note(Irregularity::NumberAsText);
            }
        }
        end_scalar(text);
        return true;
    }

    [[gnu::always_inline]] bool on_string(std::string_view string) {
        count_element();
        if (string.empty()) note(Irregularity::EmptyValue);
        if (slot_ != nullptr) *slot_ = string;
        end_string(string);
        return true;
    }

    bool on_escaped_string(std::string_view raw, Escapes escapes) {
        count_element();
        if (escapes == Escapes::Control) note(Irregularity::ControlChar);
        if (slot_ != nullptr) *slot_ = keep_unescaped(raw);
        end_string(raw);
        return true;
    }

    [[gnu::always_inline]] bool on_key(std::string_view name) { return add_key(name, name); }

    bool on_escaped_key(std::string_view raw, Escapes escapes) {
        if (!add_key(keep_unescaped(raw), raw)) return false;
        if (escapes == Escapes::Control) note(Irregularity::ControlChar);
        return true;
    }

    bool on_start(const char* at, bool is_array) {
        if (depth() >= max_depth_) return stop_too_deep(at);
        count_element();
        Context context = Context::Other;
        if (top_->closer == ']')
            context = element_context(top_->context);
        else if (child_ != Context::Other)
            context = child_;
        if (top_->context == Context::Resource) field_.value_begin = resource_offset(at);
        forget_slots();
        // Where the kind is not the one expected ("entry": {}), nobody looks inside.
        if (context != Context::Other && is_array != is_array_context(context)) {
            if (context == Context::Entries) out_.entry_is_list = false;
            if (context == Context::Entry) note_odd_entry();
            context = Context::Other;
        }
        ++top_;
        top_->context = context;
        top_->closer = is_array ? ']' : '}';
        top_->first_key = static_cast<std::uint32_t>(keys_.size());
        top_->count = 0;
        top_->key_bits = 0;
        return context == Context::Other || on_known_start(context, at);
    }

    bool on_end(const char* behind) {
        const Level& level = *top_;
        if (level.closer == '}') {
            if (level.count > max_compared_keys) find_duplicates_by_sorting(level);
            keys_.shrink(level.first_key);
        }
        --top_;
        if (level.count == 0) note(Irregularity::EmptyValue);
        if (level.context == Context::Resource)
            finish_resource(behind);
        else if (level.context == Context::Link && link_relation_ == "next")
            out_.next = link_url_;
        if (top_->context == Context::Resource) finish_field(behind);
        return true;
    }

private:
    // Bundle, entry and its element: a resource in it may be as deep as one alone.
    static constexpr std::size_t bundle_depth = 3;

    std::size_t depth() const { return static_cast<std::size_t>(top_ - bottom_); }

    [[gnu::cold, gnu::noinline]] bool stop_too_deep(const char* at) {
        error_ = {ErrorCode::TooDeep, "objects and arrays are nested more than " + std::to_string(max_depth_) + " deep",
                  static_cast<std::size_t>(at - base_)};
        return false;
    }

    [[gnu::cold, gnu::noinline]] bool stop_too_many(const char* at) {
        error_ = {ErrorCode::TooLarge, "a Bundle has more than " + std::to_string(max_entries_) + " entries or events",
                  static_cast<std::size_t>(at - base_)};
        return false;
    }

    [[gnu::cold, gnu::noinline]] bool stop_too_large(const char* at) {
        error_ = {ErrorCode::TooLarge, "an object has more than " + std::to_string(max_members_) + " members",
                  static_cast<std::size_t>(at - base_)};
        return false;
    }

    [[gnu::noinline]] std::string_view keep_unescaped(std::string_view raw) {
        return unescaped_.emplace_back(unescape(raw));
    }

    std::uint32_t resource_offset(const char* at) const { return static_cast<std::uint32_t>(at - resource_begin_); }
    bool is_in_resource() const { return resource_level_ != 0; }
    ScannedResource& resource() { return out_.resources.back(); }

    // Slots are set by a key that we know and used by the value behind it; in between nothing else comes.
    void forget_slots() {
        slot_ = number_slot_ = nullptr;
        raw_slot_ = nullptr;
        child_ = Context::Other;
    }

    void count_element() {
        if (top_->closer == ']') ++top_->count;
    }

    // In the place of an entry stands something else.
    [[gnu::cold, gnu::noinline]] void note_odd_entry() {
        if (out_.entries.size() < max_entries_) out_.entries.emplace_back().is_object = false;
    }

    [[gnu::always_inline]] bool add_key(std::string_view name, std::string_view raw) {
        Level& level = *top_;
        if (++level.count > max_members_) return stop_too_large(raw.data());
        const std::uint64_t hash = hash_key(name);
        const std::uint64_t bit = std::uint64_t{1} << (hash >> 58);
        const bool is_duplicate = (level.key_bits & bit) != 0 && is_among_keys(level, hash, name);
        level.key_bits |= bit;
        keys_.push({hash, name});
        if (is_duplicate) note(Irregularity::DuplicateKey);
        if (level.context != Context::Other) on_known_key(level.context, name, raw);
        return true;
    }

    [[gnu::noinline]] bool is_among_keys(const Level& level, std::uint64_t hash, std::string_view name) const {
        if (level.count > max_compared_keys) return false; // on_end will see
        return std::any_of(keys_.begin() + level.first_key, keys_.end(),
                           [&](const SeenKey& key) { return key.hash == hash && key.name == name; });
    }

    void find_duplicates_by_sorting(const Level& level) {
        SeenKey* first = keys_.begin() + level.first_key;
        std::sort(
            first, keys_.end(),
            [](const auto& a, const auto& b) { return a.hash != b.hash ? a.hash < b.hash : a.name < b.name; });
        const SeenKey* found = std::adjacent_find(
            first, keys_.end(), [](const auto& a, const auto& b) { return a.hash == b.hash && a.name == b.name; });
        if (found == keys_.end()) return;
        keys_.end()[-1] = *found; // so that the place is named
        note(Irregularity::DuplicateKey);
    }

    [[gnu::noinline]] void on_known_key(Context context, std::string_view name, std::string_view raw) {
        forget_slots();
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
                if (name == "mode") slot_ = &out_.entries.back().search_mode;
                break;
            case Context::EntryRequest:
                if (name == "method")
                    slot_ = &out_.entries.back().method;
                else if (name == "url")
                    slot_ = &out_.entries.back().url;
                break;
            case Context::EntryResponse:
                if (name == "status") slot_ = &out_.entries.back().response_status;
                break;
            case Context::Resource:
                field_.name_begin = resource_offset(raw.data());
                field_.name_size = static_cast<std::uint32_t>(raw.size());
                field_.hash = XXH3_64bits(raw.data(), raw.size()); // the value's is added at its end
                on_resource_key(resource(), name);
                break;
            case Context::Meta:
                if (name == "versionId")
                    raw_slot_ = &resource().version_id;
                else if (name == "lastUpdated")
                    raw_slot_ = &resource().last_updated;
                break;
            case Context::StatusSubscription:
                if (name == "reference") slot_ = &resource().subscription;
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
                if (name == "reference") slot_ = &out_.events.back().focus;
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
        // By length first: most names of most resources concern nobody here.
        switch (name.size()) {
            case 2:
                if (name == "id") raw_slot_ = &resource.id;
                break;
            case 4:
                if (name == "meta")
                    child_ = Context::Meta;
                else if (name == "type")
                    slot_ = &resource.kind;
                break;
            case 6:
                if (name == "status") slot_ = &resource.status;
                break;
            case 12:
                if (name == "resourceType")
                    raw_slot_ = &resource.type;
                else if (name == "subscription")
                    child_ = Context::StatusSubscription;
                break;
            case 17:
                if (name == "notificationEvent") child_ = Context::StatusEvents;
                break;
            case 28:
                if (name == "eventsSinceSubscriptionStart") slot_ = number_slot_ = &resource.events_since_start;
                break;
            default:
                break;
        }
    }

    [[gnu::always_inline]] void end_string(std::string_view raw) {
        if (raw_slot_ != nullptr) *raw_slot_ = {resource_offset(raw.data()), static_cast<std::uint32_t>(raw.size())};
        end_scalar({raw.data() - 1, raw.size() + 2});
    }

    [[gnu::always_inline]] void end_scalar(std::string_view text) {
        if (top_->context == Context::Other) return;
        if (top_->context == Context::Entries) note_odd_entry();
        if (child_ == Context::Entries && text.front() != 'n') out_.entry_is_list = false;
        if (top_->context == Context::Resource) {
            field_.value_begin = resource_offset(text.data());
            finish_field(text.data() + text.size());
        }
        forget_slots();
    }

    [[gnu::noinline]] void finish_field(const char* behind) {
        const char* begin = resource_begin_ + field_.value_begin;
        field_.value_size = static_cast<std::uint32_t>(behind - begin);
        field_.hash = XXH3_64bits(begin, field_.value_size) ^ (field_.hash * 0x9E3779B97F4A7C15u);
        out_.fields.push_back(field_);
    }

    [[gnu::noinline]] bool on_known_start(Context context, const char* at) {
        switch (context) {
            case Context::Root:
                out_.is_object = true;
                return true;
            case Context::Link:
                link_relation_ = link_url_ = {};
                return true;
            case Context::Entry:
                out_.entries.emplace_back();
                return out_.entries.size() <= max_entries_ || stop_too_many(at);
            case Context::Resource:
                start_resource(at);
                return out_.resources.size() <= max_entries_ || stop_too_many(at);
            case Context::StatusEvent:
                out_.events.emplace_back();
                return out_.events.size() <= max_entries_ || stop_too_many(at);
            default:
                return true;
        }
    }

    void start_resource(const char* at) {
        resource_begin_ = at;
        resource_level_ = depth();
        if (!out_.entries.empty()) out_.entries.back().resource = static_cast<std::int32_t>(out_.resources.size());
        ScannedResource& added = out_.resources.emplace_back();
        added.first_field = static_cast<std::uint32_t>(out_.fields.size());
        added.first_event = static_cast<std::uint32_t>(out_.events.size());
    }

    [[gnu::noinline]] void finish_resource(const char* behind) {
        ScannedResource& done = resource();
        done.text = {static_cast<std::uint32_t>(resource_begin_ - base_), resource_offset(behind)};
        done.field_count = static_cast<std::uint32_t>(out_.fields.size()) - done.first_field;
        done.event_count = static_cast<std::uint32_t>(out_.events.size()) - done.first_event;
        resource_level_ = 0;
    }

    [[gnu::cold, gnu::noinline]] void note(Irregularity found) {
        if (!is_in_resource()) {
            out_.envelope = out_.envelope | found;
            return;
        }
        ScannedResource& here = resource();
        if (here.irregularities == Irregularity::None) here.irregular_at = place();
        here.irregularities = here.irregularities | found;
    }

    // "name[1].given[0]": the value being read, from the resource down.
    std::string place() const {
        std::string path;
        for (const Level* level = bottom_ + resource_level_; level <= top_; ++level) {
            if (level->closer == ']') {
                path += '[' + std::to_string(level->count == 0 ? 0 : level->count - 1) + ']';
                continue;
            }
            const std::size_t next_key = level < top_ ? level[1].first_key : keys_.size();
            if (next_key == level->first_key) break;
            if (!path.empty()) path += '.';
            path += keys_.begin()[next_key - 1].name.substr(0, 64);
        }
        return path;
    }

    Level* top_ = nullptr;
    Level* bottom_ = nullptr; // the outside
    KeyStack& keys_;
    Scan& out_;
    const char* base_;
    // What the value of the key just read is for; see forget_slots().
    std::string_view* slot_ = nullptr;
    std::string_view* number_slot_ = nullptr;
    Span* raw_slot_ = nullptr;
    Context child_;

    Field field_;
    const char* resource_begin_ = nullptr;
    std::size_t resource_level_ = 0; // depth of the resource being read, 0 outside
    std::deque<std::string>& unescaped_;
    std::size_t max_depth_, max_members_, max_entries_;
    std::string_view link_relation_, link_url_;
    Error error_;
};

std::size_t max_scan_bytes(const Limits& limits) {
    return std::min<std::size_t>(limits.max_bytes, 0xFFFFFF00u); // positions are kept in 32 bits
}

} // namespace

Result<const Scan*> scan(std::string_view text, ScanAs what, const Limits& limits) {
    if (text.size() > max_scan_bytes(limits))
        return fail(ErrorCode::TooLarge,
                    "the text has " + std::to_string(text.size()) + " bytes; at most " +
                        std::to_string(max_scan_bytes(limits)) + " are accepted",
                    max_scan_bytes(limits));
    thread_local Workspace work;
    work.clear();
    Handler handler(work, text, what, limits);
    JsonReader reader(text, handler);
    if (!reader.read()) return tl::unexpected<Error>(reader.error().value_or(handler.error()));
    return &work.scan;
}

namespace {

// FHIR allows 64; what is kept of each version must stay small whatever a server invents.
constexpr std::size_t longest_version_id = 256, longest_instant = 64;

// W/"3", "3", and what old clients of HAPI write: "W/3". "" where there is none.
std::string_view version_in(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    return etag;
}

std::optional<LooseInstant> time_in(std::string_view text) {
    if (const auto time = parse_http_date(text)) return LooseInstant{*time, true};
    return parse_loose_instant(text);
}

} // namespace

ResourcePtr ResourceScanner::make(std::string_view scanned, const Scan& scan, const ScannedResource& resource,
                                  const Headers& headers) {
    auto made = std::make_shared<Resource>();
    made->text_.assign(scanned.data() + resource.text.begin, resource.text.size);
    const std::string_view text = made->text_;
    const auto view = [&](Span span) { return text.substr(span.begin, span.size); };
    made->type_ = view(resource.type);
    made->id_ = view(resource.id);
    made->version_id_ = view(resource.version_id);
    made->last_updated_text_ = view(resource.last_updated);
    if (made->version_id_.size() > longest_version_id) made->version_id_ = {};
    if (made->last_updated_text_.size() > longest_instant) made->last_updated_text_ = {};
    make_views(*made, headers);
    if (const auto time = parse_loose_instant(made->last_updated_text_)) {
        made->last_updated_ = time->time;
        made->time_is_exact_ = time->exact;
    } else if (made->time_is_header_) {
        made->last_updated_ = time_in(made->last_updated_text_)->time;
    }
    made->fields_.assign(scan.fields.begin() + resource.first_field,
                         scan.fields.begin() + resource.first_field + resource.field_count);
    made->reference_.reserve(made->type_.size() + 1 + made->id_.size());
    made->reference_.append(made->type_).append(1, '/').append(made->id_);
    made->irregularities_ = resource.irregularities;
    made->irregular_at_ = resource.irregular_at;
    return made;
}

// Moves into text of its own what does not stand in the resource's text as it is to be read.
void ResourceScanner::make_views(Resource& made, const Headers& headers) {
    const std::string_view etag = version_in(headers.etag);
    made.version_is_etag_ = made.version_id_.empty() && !etag.empty() && etag.size() <= longest_version_id;
    made.time_is_header_ = made.last_updated_text_.empty() && time_in(headers.last_modified);
    const std::string_view all[] = {made.type_, made.id_, made.version_id_, made.last_updated_text_};
    const bool has_escapes = std::any_of(std::begin(all), std::end(all), [](std::string_view part) {
        return part.find('\\') != std::string_view::npos;
    });
    if (!has_escapes && !made.version_is_etag_ && !made.time_is_header_) return;
    const std::string parts[] = {unescape(made.type_), unescape(made.id_),
                                 made.version_is_etag_ ? std::string(etag) : unescape(made.version_id_),
                                 made.time_is_header_ ? headers.last_modified : unescape(made.last_updated_text_)};
    for (const std::string& part : parts) made.aside_ += part;
    std::string_view rest = made.aside_;
    std::string_view* views[] = {&made.type_, &made.id_, &made.version_id_, &made.last_updated_text_};
    for (std::size_t i = 0; i < std::size(parts); ++i) {
        *views[i] = rest.substr(0, parts[i].size());
        rest.remove_prefix(parts[i].size());
    }
}

} // namespace fhirscope::fhir
