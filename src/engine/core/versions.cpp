// Which version is which. Servers without versioning repeat one versionId or have none, some leave lastUpdated out or
// write it without a zone: so a version is told by its versionId, its time and its content together, and what of these
// is missing on one side tells nothing.

#include "engine/core/versions.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/digest.hpp"
#include "fhir/ascii.hpp"
#include "fhir/content.hpp"
#include "fhir/diff.hpp"
#include "fhir/time.hpp"
#include "fhir/validate.hpp"

#include <algorithm>

namespace fhirscope::engine {
namespace {

constexpr std::size_t flaws_kept = 256; // kinds of flaws, by type

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool is_hex = fhir::hex_digit(c) >= 0;
        if (is_dash ? c != '-' : !is_hex) return false;
    }
    return true;
}

// What two sides know: equal, different, or one of them does not say.
enum class Told : std::uint8_t { Same, Differs, Nothing };

Told tell_ids(std::string_view one, std::string_view other) {
    if (one.empty() || other.empty()) return Told::Nothing;
    return one == other ? Told::Same : Told::Differs;
}

Told tell_times(std::optional<ServerTime> one, bool one_exact, std::optional<ServerTime> other, bool other_exact) {
    if (!one || !other || one_exact != other_exact) return Told::Nothing;
    return *one == *other ? Told::Same : Told::Differs;
}

bool is_same_member(const fhir::Resource& one, const fhir::Resource& other, const std::string& name) {
    const auto a = one.member(name), b = other.member(name);
    if (!a || !b) return !a && !b;
    return fhir::is_same_content(fhir::Slice(*a), fhir::Slice(*b));
}

} // namespace

std::string version_key(std::string_view version_id, std::optional<ServerTime> changed) {
    if (!version_id.empty()) return std::string(version_id);
    return changed && *changed != ServerTime{} ? fhir::format_instant(*changed) : std::string();
}

bool has_same_content(const fhir::Resource& one, const fhir::Resource& other) {
    if (one.text() == other.text()) return true;
    const auto changed = fhir::changed_members(one, other);
    return std::all_of(changed.begin(), changed.end(), [&](std::string_view name) {
        const std::string member(name);
        return is_same_member(one, other, member) && is_same_member(one, other, '_' + member);
    });
}

std::uint64_t content_hash(const fhir::Resource& resource) {
    std::uint64_t hash = 0; // the order of members does not count
    for (const fhir::Field& field : resource.fields()) {
        const std::string_view name = resource.name_of(field);
        if (name == "meta") continue;
        hash += hash_bytes(std::string(name) + '\n' + fhir::content_of(fhir::Slice(resource.value_of(field))));
    }
    return hash;
}

bool is_same(const State& s, const Version& held, const fhir::Resource& other) {
    if (!held.resource) return false;
    const fhir::Resource& known = *held.resource;
    const Told ids = tell_ids(known.version_id(), other.version_id());
    if (ids == Told::Differs) return false;
    const Told times =
        tell_times(held.last_updated, known.time_is_exact(), other.last_updated(), other.time_is_exact());
    if (times == Told::Differs) return false;
    const bool both = ids == Told::Same && times == Told::Same;
    if (held.key_only) return both || (ids == Told::Same && !is_told_by_content(s, other.type()));
    // Medplum makes a new UUID for each version, and writes one version differently to a socket and to a reader.
    if (both && s.config.dialect.dialect == fhir::Dialect::Medplum && is_uuid(known.version_id())) return true;
    return has_same_content(known, other);
}

bool is_listed_as(const State& s, const Version& held, const Listed& listed) {
    if (!held.resource) return false;
    const fhir::Resource& known = *held.resource;
    const auto listed_at = listed.changed == ServerTime{} ? std::nullopt : std::optional(listed.changed);
    if (tell_ids(known.version_id(), listed.version_id) == Told::Differs) return false;
    if (tell_times(held.last_updated, known.time_is_exact(), listed_at, listed.exact) == Told::Differs) return false;
    if (!is_told_by_content(s, known.type()) || held.key_only) return true;
    return content_hash(known) == listed.content;
}

Listed listed_as(const State& s, const fhir::Resource& resource) {
    Listed listed;
    listed.version_id = resource.version_id();
    listed.changed = resource.last_updated().value_or(ServerTime{});
    listed.exact = resource.time_is_exact();
    if (is_told_by_content(s, resource.type())) listed.content = content_hash(resource);
    return listed;
}

Age age_of(const fhir::Resource& arrived, const Version& than) {
    const bool exact = than.resource ? than.resource->time_is_exact() : true;
    const auto one = arrived.last_updated();
    if (!one || !than.last_updated || exact != arrived.time_is_exact()) return Age::Unknown;
    if (*one == *than.last_updated) return Age::Tied;
    if (*one > *than.last_updated) return Age::Newer;
    // By a local clock it may be older only because the hour was set back.
    return arrived.time_is_exact() ? Age::Older : Age::Unknown;
}

bool is_told_by_content(const State& s, std::string_view type) { return s.versions->by_content.contains(type); }

std::string listing_elements(const State& s, std::string_view type, std::span<const std::string> also) {
    if (is_told_by_content(s, type)) return {};
    std::string elements = "_elements=id,meta";
    for (const std::string& member : also)
        if (member != "id" && member != "meta") elements += ',' + member;
    return elements + '&';
}

void note_repeated_version(State& s, const Version& held, const fhir::Resource& arrived) {
    // An earlier session had other names for what is hidden: of what it left, nothing is said.
    if (held.key_only || held.channel == Channel::Cache || has_same_content(*held.resource, arrived)) return;
    const std::string type(arrived.type());
    if (age_of(arrived, held) == Age::Tied || !arrived.last_updated()) s.versions->by_content.insert(type);
    RepeatedVersions& repeats = s.versions->repeated[type];
    if (repeats.count++ == 0) {
        repeats.since = s.now;
        log_event(s, {.code = FactCode::VersionRepeated,
                      .about = arrived.reference(),
                      .name = std::string(arrived.version_id())});
    }
    repeats.last = s.now;
    repeats.reference = arrived.reference();
}

void note_flaws(State& s, const fhir::Resource& resource, std::vector<fhir::Problem> flaws) {
    for (fhir::Problem& problem : flaws) {
        const std::string key = std::string(resource.type()) + ' ' + problem.code;
        const auto known = s.versions->flaws.find(key);
        if (known != s.versions->flaws.end()) {
            ++known->second.count;
            continue;
        }
        if (s.versions->flaws.size() >= flaws_kept) return;
        if (problem.code == "missing-version" && !resource.last_updated())
            s.versions->by_content.insert(std::string(resource.type()));
        log_event(s, {.code = FactCode::ShownWithFlaw, .about = resource.reference(), .detail = problem.message});
        s.versions->flaws[key] = {std::string(resource.type()),
                                  std::move(problem.code),
                                  resource.reference(),
                                  std::move(problem.message),
                                  s.now,
                                  1};
    }
}

} // namespace fhirscope::engine
