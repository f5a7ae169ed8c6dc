#pragma once
// The server's memory: every version of every resource, as Medplum keeps them (PROTOCOL A3, A4).

#include "fhir/json.hpp"
#include "fhir/random.hpp"
#include "fhir/resource.hpp"
#include "fhir/time.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

// Who writes: goes into meta.author.
struct Author {
    std::string reference, display;
};

// One version. Immutable once committed; shared with frames that wait to be sent.
struct Version {
    std::string type, id, version_id;
    ServerTime last_updated{};
    fhir::ResourcePtr resource; // with Medplum's additions to meta, as a socket delivers it; null for a deletion
    std::size_t extra_begin = 0, extra_size = 0; // the bytes of those additions in the text

    bool deleted() const { return resource == nullptr; }
    std::string reference() const { return type + "/" + id; }
    std::string_view full_text() const { return resource->text(); }
    // Without author, project and compartment: what REST gives unless `X-Medplum: extended` is sent.
    std::string plain_text() const;
};
using VersionPtr = std::shared_ptr<const Version>;

enum class Interaction : std::uint8_t { Create, Update, Delete };
std::string_view to_string(Interaction interaction); // "create", "update", "delete"

struct Commit {
    Interaction interaction;
    VersionPtr current;  // for a deletion the tombstone
    VersionPtr previous; // null for a create; for a deletion the last content
};

struct StoreOptions {
    std::string project;           // id, for meta.project and meta.compartment
    std::size_t max_history = 200; // versions kept of one resource; older ones are forgotten
    // Deleted resources whose history is remembered, and such of which only the deletion is: the longest gone go first.
    std::size_t max_deleted = 2'000, max_tombstones = 200'000;
    bool ties = false; // lastUpdated is what the clock says, even if it repeats or goes back; otherwise it grows
    bool integer_versions = false; // versionId counts from 1, as HAPI's does; otherwise a random UUID
};

class Store {
public:
    Store(StoreOptions options, Random random);

    // Called after each commit, within the call that made it.
    void on_commit(std::function<void(const Commit&)> listener) { listener_ = std::move(listener); }

    // Assigns id (unless given) and versionId, sets meta, commits. `content` is an object with a resourceType.
    // `now` is what lastUpdated becomes, moved on where it would not grow (see StoreOptions::ties).
    VersionPtr create(rapidjson::Document content, const Author& author, ServerTime now, std::string_view id = {});
    // Makes a new version of (or brings back) a resource. Content equal to the current version's apart from versionId,
    // lastUpdated and Medplum's additions makes none: the current version is returned, and nothing is committed.
    VersionPtr update(rapidjson::Document content, const Author& author, ServerTime now);
    // The same, with the lastUpdated of the version before. nullptr when there is none to share it with.
    VersionPtr update_in_tie(rapidjson::Document content, const Author& author);
    // nullptr when there is none, or it is deleted already.
    VersionPtr remove(std::string_view type, std::string_view id, ServerTime now);

    // As if it had never been; no listener hears of it. false when there is none.
    bool expunge(std::string_view type, std::string_view id);

    // The newest version, a tombstone among them; nullptr when there never was one.
    VersionPtr current(std::string_view type, std::string_view id) const;
    VersionPtr version(std::string_view type, std::string_view id, std::string_view version_id) const;
    // Newest first.
    std::vector<VersionPtr> history(std::string_view type, std::string_view id) const;
    // The newest version of each resource of a type, ordered by id.
    std::vector<VersionPtr> all(std::string_view type) const;
    std::vector<std::string> types() const;

    std::uint64_t commits() const { return commits_; }
    std::size_t size() const { return live_; } // resources that are not deleted
    Random& random() { return random_; }
    const std::string& project() const { return options_.project; }

    // Everything written since begin() is taken back by roll_back(): for transactions. Listeners hear of creates and
    // updates at keep(), but of deletions at once, even if they are taken back: Medplum's ghost deletes (PROTOCOL A13).
    void begin();
    void keep();
    void roll_back();

private:
    using Versions = std::deque<VersionPtr>; // oldest first
    using Records = std::map<std::string, Versions, std::less<>>;

    Versions* find(std::string_view type, std::string_view id);
    const Versions* find(std::string_view type, std::string_view id) const;
    VersionPtr add(Interaction interaction, std::shared_ptr<Version> version, VersionPtr previous);
    std::shared_ptr<Version> build(rapidjson::Document& content, std::string id, const Author& author, ServerTime now);
    void forget_long_gone();
    std::string next_version_id(std::string_view type, std::string_view id);
    ServerTime time_after(const Version* previous, ServerTime now) const;

    StoreOptions options_;
    Random random_;
    std::function<void(const Commit&)> listener_;
    std::map<std::string, Records, std::less<>> types_;
    // (type, id), the longest gone first; some may be back.
    std::deque<std::pair<std::string, std::string>> deleted_, tombstones_;
    std::uint64_t commits_ = 0;
    std::size_t live_ = 0;
    bool in_transaction_ = false;
    std::vector<Commit> transaction_; // since begin(), in order
};

} // namespace fhirscope::server
