#include "gui/model/notices.hpp"

#include <algorithm>
#include <utility>

namespace fhirscope::gui {

void Notices::add(Notice notice) {
    if (notice.key.empty()) notice.key = notice.text;
    const auto same_key = [&](const Entry& entry) { return entry.notice.key == notice.key; };
    if (const auto old = std::find_if(entries_.begin(), entries_.end(), same_key); old != entries_.end()) {
        if (old->notice == notice) return;
        entries_.erase(old);
    }
    entries_.push_back({next_++, std::move(notice)});
    if (entries_.size() > most_kept) entries_.erase(entries_.begin());
}

void Notices::dismiss(std::uint64_t number) {
    std::erase_if(
        entries_, [&](const Entry& entry) { return entry.number == number; });
}

void Notices::dismiss_key(std::string_view key) {
    std::erase_if(
        entries_, [&](const Entry& entry) { return entry.notice.key == key; });
}

} // namespace fhirscope::gui
