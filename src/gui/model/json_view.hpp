#pragma once
// JSON for display: a foldable tree with what changed against another version, and indented lines.

#include "fhir/json.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::gui {

enum class NodeKind : std::uint8_t { Object, Array, Text, Number, Boolean, Null };

struct TreeNode {
    std::string path;  // "meta.versionId", "name[0].given[1]": identifies the node for folding
    std::string key;   // "versionId", "[1]"
    std::string value; // leaf: its JSON text, long text cut; container: "{3}" or "[2]"
    std::string note;  // container: what a person would call it (display, text, code), or ""
    std::string was;   // what the other version had here; "" when the same or nothing
    NodeKind kind = NodeKind::Text;
    std::uint16_t depth = 0;
    std::uint32_t begin = 0; // its own index
    std::uint32_t end = 0;   // index behind its last descendant
    bool changed = false;    // differs from the other version (a container: something in it)
    bool added = false;      // the other version had nothing here
};

// All nodes, parents before children. `before` may be null. Arrays are compared by position.
// At most `limit` nodes; a document with more ends with a node that says so.
std::vector<TreeNode> make_tree(const rapidjson::Value& value, const rapidjson::Value* before,
                                std::size_t limit = 20000);

// Indexes of the nodes that are shown. Containers from `open_depth` on start closed, unless something in them changed
// or they are small and of the first level; a path in `toggled` is the other way round.
std::vector<std::uint32_t> visible_nodes(const std::vector<TreeNode>& nodes, const std::set<std::string>& toggled,
                                         int open_depth);
bool is_open(const TreeNode& node, const std::set<std::string>& toggled, int open_depth);

// Indented JSON as lines, each with its keys and values told apart by the caller.
struct JsonLine {
    std::uint16_t depth = 0;
    std::string key;   // with quotes and colon, or ""
    std::string value; // or bracket
};
// At most `limit` lines; text that is not JSON becomes plain lines.
std::vector<JsonLine> make_lines(std::string_view json, std::size_t limit = 20000);

} // namespace fhirscope::gui
