#include "app/state_cache.hpp"

#include "app/command_line.hpp"
#include "app/pause.hpp"
#include "engine/cache.hpp"
#include "engine/digest.hpp"
#include "engine/engine.hpp"
#include "files/private_file.hpp"
#include "files/private_folder.hpp"
#include "files/regular_file.hpp"

#include <pthread.h>

#include <cstdlib>
#include <filesystem>

namespace fhirscope::app {

namespace {

constexpr std::uint64_t largest_state = 256u << 20;

std::filesystem::path cache_folder() {
    const auto get = [](const char* name) {
        const char* value = std::getenv(name);
        return std::filesystem::path(value ? value : "");
    };
    if (const auto cache = get("XDG_CACHE_HOME"); cache.is_absolute()) return cache / "fhirscope";
    if (const auto home = get("HOME"); home.is_absolute()) return home / ".cache" / "fhirscope";
    return {};
}

} // namespace

std::string state_cache_path(const runtime::Connection& connection, const engine::Config& config) {
    const auto folder = cache_folder();
    if (folder.empty()) return "";
    std::string key = connection.base_url + '\n' + connection.fhir_path + '\n' + connection.client_id;
    for (const engine::SubscriptionWish& wish : config.subscriptions) key += '\n' + wish.criteria;
    return (folder / (engine::hash_text(engine::hash_bytes(key)) + ".state")).string();
}

std::string load_state_cache(const std::string& path) {
    if (path.empty()) return "";
    auto file = files::RegularFile::open(path, largest_state);
    if (!file || file->others_may_read()) return "";
    return file->read_rest().value_or("");
}

Result<void> save_state_cache(const std::string& path, const std::string& bytes) {
    if (path.empty() || bytes.empty() || bytes.size() > largest_state) return {};
    const auto not_kept = [](const Error& error) {
        return fail(ErrorCode::Write, "the state was not kept for the next start: " + error.message);
    };
    if (auto made = files::make_private_folder(std::filesystem::path(path).parent_path()); !made)
        return not_kept(made.error());
    if (auto written = files::replace_private_file(path, bytes); !written) return not_kept(written.error());
    return {};
}

StateCacheKeeper::StateCacheKeeper(std::string path, std::function<engine::SnapshotPtr()> snapshot)
    : path_(std::move(path)), snapshot_(std::move(snapshot)) {
    if (path_.empty()) return;
    thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
    pthread_setname_np(thread_.native_handle(), "cache");
}

void StateCacheKeeper::run(std::stop_token stop) {
    using namespace std::chrono_literals;
    std::chrono::milliseconds next = 5s;
    while (!stopped_within(stop, next)) {
        const std::string bytes = engine::make_cache(*snapshot_());
        next = bytes.empty() ? 500ms : 60s;
        if (bytes.empty()) continue;
        if (auto kept = save_state_cache(path_, bytes); !kept) return complain(kept.error().message);
    }
}

} // namespace fhirscope::app
