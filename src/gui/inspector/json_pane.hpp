#pragma once
// The inspector's panes for JSON: a foldable tree, and indented lines. Both keep what they made until the text changes.

#include "fhir/resource.hpp"
#include "gui/frame/context.hpp"
#include "gui/model/json_view.hpp"
#include "gui/ui/grid.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace fhirscope::gui {

// Whose fields the tree may edit.
struct TreeEdit {
    const engine::Record* record = nullptr;
    std::string_view blocked; // why not now; "" when it may
};

class TreePane {
public:
    enum class Against : std::uint8_t {
        Earlier, // what the server changed
        Server,  // what was edited here
    };
    // Shows `resource` with what differs from `before` (which may be null). Both are held while shown, so that their
    // addresses name them.
    void show(const fhir::ResourcePtr& resource, const fhir::ResourcePtr& before, Against against = Against::Earlier);
    // `edit`: null where nothing is edited, such as what an update brought.
    void draw(Context& context, std::string_view name, const Rect& area, const TreeEdit* edit = nullptr);

private:
    void draw_node(Context& context, const TreeNode& node);
    Rect value_rect(const Context& context, const TreeNode& node, const Rect& row) const;
    void node_tooltip(const Context& context, const TreeNode& node, const TreeEdit* edit) const;
    void edit_clicks(Context& context, const TreeEdit& edit);
    const TreeNode& node_at(std::int64_t row) const { return nodes_[visible_[static_cast<std::size_t>(row)]]; }

    Against against_ = Against::Earlier;
    fhir::ResourcePtr resource_, before_;
    std::vector<TreeNode> nodes_;
    std::vector<std::uint32_t> visible_;
    std::set<std::string> toggled_;
    std::string problem_;
    Grid grid_;
};

class LinesPane {
public:
    // `owner` is held while shown, so that its address names the text. `pretty`: indented, else as it is.
    void show(const std::shared_ptr<const void>& owner, std::string_view text, bool pretty);
    void draw(Context& context, std::string_view name, const Rect& area);

private:
    std::shared_ptr<const void> owner_;
    bool pretty_ = true;
    std::vector<JsonLine> lines_;
    Grid grid_;
};

} // namespace fhirscope::gui
