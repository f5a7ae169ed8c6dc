#include "engine/bounds.hpp"

#include <string_view>

namespace fhirscope::engine {

std::vector<std::string> lower_bounds(Config& config, std::size_t resource_bytes) {
    const Config own;
    std::vector<std::string> lowered;
    const auto lower = [&](std::string_view what, auto& bound, auto most) {
        if (bound <= most) return;
        lowered.push_back(std::string(what) + ": " + std::to_string(most) + " instead of " + std::to_string(bound));
        bound = most;
    };
    lower("bytes of resources shown", config.store.max_resource_bytes, resource_bytes);
    lower("resources", config.store.max_resources, own.store.max_resources);
    lower("versions of a resource", config.store.max_versions, own.store.max_versions);
    lower("bytes of older versions", config.store.max_history_bytes, own.store.max_history_bytes);
    lower("updates of a batch", config.batch, own.batch);
    lower("updates in the queue", config.queue_max, own.queue_max);
    lower("bytes in the queue", config.queue_max_bytes, own.queue_max_bytes);
    lower("rows of updates", config.update_rows, own.update_rows);
    lower("rows of frames", config.frame_rows, own.frame_rows);
    lower("bytes of frames", config.frame_bytes, own.frame_bytes);
    lower("rows of events", config.event_rows, own.event_rows);
    lower("rejections", config.rejection_rows, own.rejection_rows);
    lower("conflicts", config.conflict_rows, own.conflict_rows);
    return lowered;
}

} // namespace fhirscope::engine
