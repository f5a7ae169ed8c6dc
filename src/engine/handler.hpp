#pragma once
// What is special about a resource type. A type without a handler of its own gets the plain one, so a panel definition
// is enough to show it.

#include "engine/panel.hpp"
#include "engine/store.hpp"
#include "fhir/path.hpp"
#include "fhir/resource.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::engine {

// A cell that a path cannot say, named "handler:NAME" in a panel definition.
struct ComputedColumn {
    std::string_view name;
    std::vector<std::string> members; // top-level members that it reads
    std::string (*text)(const fhir::Resource&);
};

class Handler {
public:
    virtual ~Handler() = default;
    virtual std::string_view type() const { return ""; }
    virtual std::span<const ComputedColumn> computed() const { return {}; }
    // Goes before routine updates in the queue.
    virtual bool urgent(const fhir::Resource&) const { return false; }
};

const Handler& handler_for(std::string_view type);
std::unique_ptr<Handler> make_patient_handler();
std::unique_ptr<Handler> make_task_handler();

// The columns of one panel, ready to be evaluated.
class RowMaker {
public:
    // Errors: Panel (a path that cannot be read, a handler column that does not exist).
    static Result<RowMaker> make(const PanelDefinition& panel);

    const std::string& type() const { return type_; }
    const Handler& handler() const { return *handler_; }
    // The members that its columns read, each once.
    std::vector<std::string> members() const;
    // Cells that read none of the `changed` members are taken over from `before`. Sets bit i of `changed_cells` where
    // the text of cell i differs.
    RowPtr make_row(const fhir::Resource& resource, const RowPtr& before, std::span<const std::string> changed,
                    std::uint64_t& changed_cells) const;

private:
    struct Cell {
        fhir::Path path;
        const ComputedColumn* computed = nullptr; // instead of the path
        const std::vector<std::string>& members() const { return computed ? computed->members : path.members(); }
    };
    std::string type_;
    const Handler* handler_ = nullptr;
    std::vector<Cell> cells_;
};

} // namespace fhirscope::engine
