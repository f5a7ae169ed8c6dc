#include "gui/model/panels/past_rows.hpp"

#include "gui/model/labels.hpp"

#include <utility>

namespace fhirscope::gui {

std::optional<std::size_t> version_before(const engine::Record& record, LocalTime time) {
    for (std::size_t i = record.history.size(); i > 0; --i)
        if (record.history[i - 1]->received < time) return i - 1;
    return std::nullopt;
}

bool forgotten_before(const engine::Record& record, LocalTime time) {
    return record.versions_seen > record.history.size() && !version_before(record, time);
}

PastRows::PastRows(const engine::Snapshot& snapshot, std::string_view type, LocalTime time)
    : time_(time), shared_(std::make_shared<Shared>()) {
    for (const engine::PanelDefinition& panel : snapshot.panels) {
        if (panel.type == type) {
            if (auto maker = engine::RowMaker::make(panel)) shared_->maker.emplace(std::move(*maker));
        }
    }
}

PastRows PastRows::at(LocalTime time) const {
    PastRows other = *this;
    other.time_ = time;
    return other;
}

const engine::Row* PastRows::row(const engine::Record& record) const {
    const auto place = version_before(record, time_);
    if (!place) return nullptr;
    if (*place + 1 == record.history.size())
        return record.standing == engine::Standing::Deleted && !record.edit ? nullptr : shown_row(record);
    const engine::VersionPtr& version = record.history[*place];
    if (!version->resource || !shared_->maker) return nullptr;
    Shared& shared = *shared_;
    {
        const Lock lock(shared.mutex);
        const auto known = shared.made.find(version.get());
        if (known != shared.made.end()) return known->second.row.get();
    }
    std::uint64_t changed_cells = 0;
    Made made{version, shared.maker->make_row(*version->resource, nullptr, {}, changed_cells)};
    const Lock lock(shared.mutex);
    return shared.made.try_emplace(version.get(), std::move(made)).first->second.row.get();
}

} // namespace fhirscope::gui
