#include "gui/model/json_view.hpp"

#include <algorithm>

namespace fhirscope::gui {

namespace {

using rapidjson::Value;

constexpr std::size_t longest = 240; // bytes of a leaf's text; the JSON tab shows all

NodeKind kind_of(const Value& value) {
    switch (value.GetType()) {
        case rapidjson::kObjectType:
            return NodeKind::Object;
        case rapidjson::kArrayType:
            return NodeKind::Array;
        case rapidjson::kStringType:
            return NodeKind::Text;
        case rapidjson::kNumberType:
            return NodeKind::Number;
        case rapidjson::kNullType:
            return NodeKind::Null;
        default:
            return NodeKind::Boolean;
    }
}

std::string cut(std::string text) {
    if (text.size() > longest) {
        std::size_t n = longest;
        while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xC0U) == 0x80U) --n;
        text.resize(n);
        text += "…";
    }
    return text;
}

std::string leaf_text(const Value& value) { return cut(fhir::to_text(value)); }

std::string container_size(const Value& value) {
    return value.IsObject() ? "{" + std::to_string(value.MemberCount()) + "}"
                            : "[" + std::to_string(value.Size()) + "]";
}

std::string name_for_people(const Value& value, int depth = 0) {
    if (value.IsArray()) return value.Size() > 0 && depth < 3 ? name_for_people(value[0], depth + 1) : std::string();
    if (!value.IsObject()) return {};
    for (const char* member : {"display", "text", "code", "value", "reference", "family", "end", "url"}) {
        const std::string_view text = fhir::string_at(value, member);
        if (!text.empty()) return cut(std::string(text));
    }
    return depth < 3 && value.HasMember("coding") ? name_for_people(value["coding"], depth + 1) : std::string();
}

class TreeMaker {
public:
    explicit TreeMaker(std::size_t limit) : limit_(limit) {}

    void members(const Value& value, const Value* before, const std::string& path, std::uint16_t depth) {
        if (value.IsObject()) {
            for (const auto& member : value.GetObject()) {
                const Value* other = nullptr;
                if (before != nullptr && before->IsObject()) {
                    const auto it = before->FindMember(member.name);
                    other = it == before->MemberEnd() ? nullptr : &it->value;
                }
                const std::string key(member.name.GetString(), member.name.GetStringLength());
                add(key, path.empty() ? key : path + "." + key, member.value, before != nullptr, other, depth);
            }
        } else if (value.IsArray()) {
            for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
                const Value* other =
                    before != nullptr && before->IsArray() && i < before->Size() ? &(*before)[i] : nullptr;
                const std::string key = "[" + std::to_string(i) + "]";
                add(key, path + key, value[i], before != nullptr, other, depth);
            }
        }
    }

    std::vector<TreeNode> take() { return std::move(nodes_); }

private:
    void add(std::string key, std::string path, const Value& value, bool compared, const Value* before,
             std::uint16_t depth) {
        if (nodes_.size() >= limit_) {
            if (nodes_.size() == limit_) {
                TreeNode rest;
                rest.key = "…";
                rest.value = "more, see JSON";
                rest.depth = depth;
                rest.end = static_cast<std::uint32_t>(nodes_.size()) + 1;
                nodes_.push_back(std::move(rest));
            }
            return;
        }
        const std::size_t at = nodes_.size();
        TreeNode node;
        node.key = std::move(key);
        node.kind = kind_of(value);
        node.depth = depth;
        const bool container = value.IsObject() || value.IsArray();
        node.value = container ? container_size(value) : leaf_text(value);
        node.note = container ? name_for_people(value) : std::string();
        if (compared) {
            node.added = before == nullptr;
            node.changed = before == nullptr || *before != value;
            if (node.changed && before != nullptr && !container)
                node.was = before->IsObject() || before->IsArray() ? container_size(*before) : leaf_text(*before);
        }
        const bool whole = node.changed && before == nullptr;
        node.path = path;
        nodes_.push_back(std::move(node));
        if (container) {
            // What lies inside something new is not marked again.
            members(value, whole || !compared ? nullptr : before, path, static_cast<std::uint16_t>(depth + 1));
        }
        nodes_[at].begin = static_cast<std::uint32_t>(at);
        nodes_[at].end = static_cast<std::uint32_t>(nodes_.size());
    }

    std::size_t limit_;
    std::vector<TreeNode> nodes_;
};

bool fits_one_line(const Value& value) {
    if (value.IsObject()) return value.MemberCount() == 0;
    return value.IsArray() && value.Size() == 0;
}

class LineMaker {
public:
    explicit LineMaker(std::size_t limit) : limit_(limit) {}

    void value(std::string key, const Value& value, std::uint16_t depth, bool comma) {
        const char* tail = comma ? "," : "";
        if (value.IsObject() && !fits_one_line(value)) {
            line(depth, std::move(key), "{");
            rapidjson::SizeType left = value.MemberCount();
            for (const auto& member : value.GetObject()) {
                this->value(
                    fhir::quote(std::string_view(member.name.GetString(), member.name.GetStringLength())) + ": ",
                    member.value, static_cast<std::uint16_t>(depth + 1), --left > 0);
            }
            line(depth, {}, std::string("}") + tail);
        } else if (value.IsArray() && !fits_one_line(value)) {
            line(depth, std::move(key), "[");
            for (rapidjson::SizeType i = 0; i < value.Size(); ++i)
                this->value({}, value[i], static_cast<std::uint16_t>(depth + 1), i + 1 < value.Size());
            line(depth, {}, std::string("]") + tail);
        } else {
            line(depth, std::move(key), fhir::to_text(value) + tail);
        }
    }

    void line(std::uint16_t depth, std::string key, std::string text) {
        if (lines_.size() < limit_)
            lines_.push_back({depth, std::move(key), std::move(text)});
        else if (lines_.size() == limit_)
            lines_.push_back({0, {}, "… more lines are not shown"});
    }

    std::vector<JsonLine> take() { return std::move(lines_); }

private:
    std::size_t limit_;
    std::vector<JsonLine> lines_;
};

} // namespace

std::vector<TreeNode> make_tree(const Value& value, const Value* before, std::size_t limit) {
    TreeMaker maker(limit);
    maker.members(value, before, {}, 0);
    return maker.take();
}

bool is_open(const TreeNode& node, const std::set<std::string>& toggled, int open_depth) {
    const bool small = node.depth == 0 && node.end - node.begin <= 6;
    const bool by_itself = node.depth < open_depth || small || (node.changed && !node.added);
    return by_itself != toggled.contains(node.path);
}

std::vector<std::uint32_t> visible_nodes(const std::vector<TreeNode>& nodes, const std::set<std::string>& toggled,
                                         int open_depth) {
    std::vector<std::uint32_t> shown;
    for (std::uint32_t i = 0; i < nodes.size();) {
        shown.push_back(i);
        const bool container = nodes[i].kind == NodeKind::Object || nodes[i].kind == NodeKind::Array;
        i = container && !is_open(nodes[i], toggled, open_depth) ? std::max(nodes[i].end, i + 1) : i + 1;
    }
    return shown;
}

std::vector<JsonLine> make_lines(std::string_view json, std::size_t limit) {
    LineMaker maker(limit);
    const Result<rapidjson::Document> document = fhir::parse_json(json);
    if (document) {
        maker.value({}, *document, 0, false);
        return maker.take();
    }
    // Plain text in pieces that fit a pane.
    constexpr std::size_t piece = 200;
    while (!json.empty()) {
        std::size_t n = std::min(json.find('\n'), std::min(piece, json.size()));
        while (n > 0 && n < json.size() && (static_cast<unsigned char>(json[n]) & 0xC0U) == 0x80U) --n;
        n = n == 0 && json[0] != '\n' ? std::min(piece, json.size()) : n;
        maker.line(0, {}, std::string(json.substr(0, n)));
        json.remove_prefix(std::min(json.size(), n + (n < json.size() && json[n] == '\n' ? 1 : 0)));
    }
    return maker.take();
}

} // namespace fhirscope::gui
