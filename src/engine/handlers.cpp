#include "engine/handler.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace fhirscope::engine {
namespace {

constexpr std::string_view computed_prefix = "handler:";
// Columns that join several resources ("derived:open-tasks") are computed by the window from the stores.
constexpr std::string_view derived_prefix = "derived:";

const ComputedColumn& empty_column() {
    static const ComputedColumn column{"", {}, [](const fhir::Resource&) { return std::string(); }};
    return column;
}

bool any_of(const std::vector<std::string>& members, std::span<const std::string> changed) {
    return std::any_of(
        members.begin(), members.end(),
        [&](const std::string& m) { return std::find(changed.begin(), changed.end(), m) != changed.end(); });
}

// A new handler is a file of its own and a line here.
std::span<const std::unique_ptr<Handler>> all_handlers() {
    static const std::array handlers{make_patient_handler(), make_task_handler()};
    return handlers;
}

} // namespace

const Handler& handler_for(std::string_view type) {
    static const Handler plain;
    for (const auto& handler : all_handlers())
        if (handler->type() == type) return *handler;
    return plain;
}

Result<RowMaker> RowMaker::make(const PanelDefinition& panel) {
    RowMaker maker;
    maker.type_ = panel.type;
    maker.handler_ = &handler_for(panel.type);
    for (const Column& column : panel.columns) {
        Cell cell;
        if (column.path.starts_with(computed_prefix)) {
            const std::string_view name = std::string_view(column.path).substr(computed_prefix.size());
            for (const ComputedColumn& computed : maker.handler_->computed())
                if (computed.name == name) cell.computed = &computed;
            if (!cell.computed)
                return fail(ErrorCode::Panel, "panel \"" + panel.id + "\", column \"" + column.id +
                                                  "\": the handler of " + panel.type + " has no column \"" +
                                                  std::string(name) + "\"");
        } else if (column.path.starts_with(derived_prefix)) {
            cell.computed = &empty_column();
        } else {
            auto path = fhir::Path::parse(column.path);
            if (!path)
                return fail(ErrorCode::Panel,
                            "panel \"" + panel.id + "\", column \"" + column.id + "\": " + path.error().message,
                            path.error().offset);
            cell.path = std::move(*path);
        }
        maker.cells_.push_back(std::move(cell));
    }
    return maker;
}

std::vector<std::string> RowMaker::members() const {
    std::set<std::string> members;
    for (const Cell& cell : cells_) members.insert(cell.members().begin(), cell.members().end());
    return {members.begin(), members.end()};
}

RowPtr RowMaker::make_row(const fhir::Resource& resource, const RowPtr& before, std::span<const std::string> changed,
                          std::uint64_t& changed_cells) const {
    auto row = std::make_shared<Row>();
    row->cells.reserve(cells_.size());
    changed_cells = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const Cell& cell = cells_[i];
        const bool known = before && i < before->cells.size();
        if (known && !any_of(cell.members(), changed)) {
            row->cells.push_back(before->cells[i]);
            continue;
        }
        row->cells.push_back(cell.computed ? cell.computed->text(resource) : cell.path.text(resource));
        if (known && row->cells[i] != before->cells[i] && i < 64) changed_cells |= 1ull << i;
    }
    return row;
}

} // namespace fhirscope::engine
