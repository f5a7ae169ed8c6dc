// Contents that were given up for room (StoreLimits::max_resource_bytes): counted, said, and read again where somebody
// looks at one, edits it, or has to know what it is.

#include "engine/recovery/contents.hpp"

#include "engine/core/journal.hpp"
#include "engine/core/state.hpp"
#include "engine/core/versions.hpp"
#include "engine/edits/edit_commands.hpp"
#include "engine/mutation.hpp"
#include "engine/recovery/reads.hpp"

#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::size_t edits_waiting = 100; // for a content, of one resource or of many
constexpr std::size_t longest_edit = 1u << 20;

std::int64_t megabytes(std::size_t bytes) { return static_cast<std::int64_t>(bytes >> 20); }

} // namespace

void want_content(State& s, const std::string& reference) {
    const auto position = s.stores.find(reference);
    if (!position || !s.stores.at(*position).key_only()) return;
    want_read(s, reference);
    pump_reads(s);
}

void on_focus(State& s, const SetFocus& focus) {
    s.contents->focus = focus;
    if (const auto position = s.stores.find(focus.reference)) s.stores.use(*position);
    want_content(s, focus.reference);
}

void take_content(State& s, const Update& update, Stores::Position position, const RowPtr& row) {
    const Record& record = s.stores.at(position);
    if (!record.key_only() || update.channel != Channel::Read || update.deleted ||
        !is_same(s, record.current(), *update.resource))
        return;
    s.stores.fill(position, update.resource, row);
    ++s.counters.contents_read;
}

void note_contents(State& s) {
    const std::uint64_t given_up = s.stores.given_up();
    if (s.counters.contents_given_up == 0 && given_up > 0)
        log_event(s, {.code = FactCode::ContentsGivenUp, .count = megabytes(s.config.store.max_resource_bytes)});
    s.counters.contents_given_up = given_up;
    if (s.stores.out_of_bytes() && !std::exchange(s.contents->out_of_bytes_said, true))
        log_event(s, {.code = FactCode::NoRoomLeft, .count = megabytes(s.config.store.max_resource_bytes)});
}

bool await_content(State& s, const Edit& command) {
    const Record* record = s.stores.get(command.reference);
    if (!s.live() || !record || !record->key_only() || record->edit || mutated(Mutation::EditOfKeyOnly)) return false;
    std::size_t bytes = 0;
    for (const fhir::FieldEdit& field : command.fields) bytes += field.path.size() + field.value.size();
    if (s.contents->edits_awaiting.size() >= edits_waiting || bytes > longest_edit) return false;
    want_content(s, command.reference);
    if (!s.reads->wanted.contains(command.reference)) return false; // too many are wished for already
    s.contents->edits_awaiting.emplace(command.reference, command);
    log_event(s, {.code = FactCode::EditReadsFirst, .about = command.reference});
    return true;
}

void content_known(State& s, const std::string& reference) {
    std::vector<Edit> commands;
    const auto [begin, end] = s.contents->edits_awaiting.equal_range(reference);
    for (auto it = begin; it != end; ++it) commands.push_back(std::move(it->second));
    s.contents->edits_awaiting.erase(begin, end);
    for (const Edit& command : commands) on_edit(s, command); // turned down where there is still no content
}

} // namespace fhirscope::engine
