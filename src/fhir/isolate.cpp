#include "fhir/isolate.hpp"

#include "fhir/reference.hpp"
#include "fhir/slice.hpp"
#include "fhir/utf8.hpp"
#include "fhir/validate.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::fhir {
namespace {

constexpr std::size_t longest_lost_name = 64, longest_lost_version = 256;
constexpr std::size_t unreadable_kept = 1'000; // of one Bundle; the others are counted

std::string short_text(std::string text, std::size_t most) {
    if (find_invalid_utf8(text) != std::string_view::npos) return {};
    return text.size() > most ? std::string() : text;
}

// As far as it can be known without reading all of it. Texts that a JSON text may not have are no names.
void name_lost(Unreadable& lost, Slice entry) {
    const Slice resource = entry.member("resource");
    lost.type = short_text(resource.member("resourceType").string(), longest_lost_name);
    lost.id = short_text(resource.member("id").string(), 4 * longest_lost_name);
    lost.version = short_text(resource.member("meta").member("versionId").string(), longest_lost_version);
    if (const auto time = parse_loose_instant(resource.member("meta").member("lastUpdated").string()))
        lost.last_updated = time->time;
    if (is_valid_type(lost.type) && is_usable_id(lost.id)) return;
    for (const Slice address : {entry.member("fullUrl"), entry.member("request").member("url")}) {
        const std::string text = short_text(address.string(), 1'024);
        const std::string_view local = local_reference(text);
        if (local.empty()) continue;
        lost.type = type_part(local);
        lost.id = id_part(local);
        return;
    }
    if (!is_valid_type(lost.type)) lost.type.clear();
    lost.id.clear();
}

std::string place_of(std::size_t index, const char* member = "") {
    return "entry[" + std::to_string(index) + "]" + member;
}

void add_lost(std::vector<Unreadable>& unreadable, Slice entry, std::string place, std::string reason) {
    if (unreadable.size() >= unreadable_kept) {
        unreadable.back().reason = "it is one of more than " + std::to_string(unreadable_kept) + " that cannot be read";
        return;
    }
    Unreadable& lost = unreadable.emplace_back();
    lost.place = std::move(place);
    lost.reason = std::move(reason);
    lost.text = entry.text();
    name_lost(lost, entry);
}

// The text without the entries that cannot be read, "" where there is none such.
std::string without_unreadable(std::string_view text, const Limits& limits, std::vector<Unreadable>& unreadable) {
    const Slice entries = value_in(text).member("entry");
    std::string rest;
    std::size_t copied = 0, index = 0;
    entries.each_element([&](Slice entry) {
        const std::size_t number = index++;
        if (entry.kind() != Slice::Kind::Object) return; // the scan of the rest names it
        std::string alone = "{\"entry\":[";
        alone.append(entry.text()).append("]}");
        const Result<const Scan*> scanned = scan(alone, ScanAs::Bundle, limits);
        if (scanned) return;
        add_lost(unreadable, entry, place_of(number, ".resource"), scanned.error().message);
        const auto begin = static_cast<std::size_t>(entry.text().data() - text.data());
        rest.append(text.substr(copied, begin - copied)).append("{}");
        copied = begin + entry.text().size();
    });
    return copied == 0 ? std::string() : rest.append(text.substr(copied));
}

// What is well-formed and yet no entry, or no resource.
void name_odd_ones(std::string_view text, const Scan& scan, std::vector<Unreadable>& unreadable) {
    const auto is_odd = [](const ScannedEntry& entry) {
        return !entry.is_object || (entry.has_resource_member && entry.resource == ScannedEntry::none);
    };
    if (std::none_of(scan.entries.begin(), scan.entries.end(), is_odd)) return;
    std::size_t index = 0;
    value_in(text).member("entry").each_element([&](Slice entry) {
        const std::size_t number = index++;
        if (number >= scan.entries.size() || !is_odd(scan.entries[number])) return;
        add_lost(unreadable, entry, place_of(number, scan.entries[number].is_object ? ".resource" : ""),
                 "it is not an object");
    });
}

} // namespace

Result<const Scan*> scan_bundle(std::string_view text, const Limits& limits, std::string& rest,
                                std::vector<Unreadable>& unreadable) {
    Result<const Scan*> scanned = scan(text, ScanAs::Bundle, limits);
    if (!scanned) {
        rest = without_unreadable(text, limits, unreadable);
        if (rest.empty()) return scan(text, ScanAs::Bundle, limits); // the entries are not at fault
        scanned = scan(rest, ScanAs::Bundle, limits);
        if (!scanned) {
            unreadable.clear();
            return scan(text, ScanAs::Bundle, limits);
        }
    }
    name_odd_ones(rest.empty() ? text : std::string_view(rest), **scanned, unreadable);
    return scanned;
}

} // namespace fhirscope::fhir
