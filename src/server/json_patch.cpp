#include "server/json_patch.hpp"

#include "fhir/ascii.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fhirscope::server {

namespace {

using rapidjson::Document;
using rapidjson::SizeType;
using rapidjson::Value;

// A pointer's tokens, unescaped; nullopt when it does not begin with "/" (the empty pointer has none).
std::optional<std::vector<std::string>> split(std::string_view pointer) {
    std::vector<std::string> tokens;
    if (pointer.empty()) return tokens;
    if (pointer.front() != '/') return std::nullopt;
    for (std::size_t at = 0; at < pointer.size(); ++at)
        if (pointer[at] == '/')
            tokens.emplace_back();
        else if (pointer[at] == '~' && at + 1 < pointer.size())
            tokens.back() += pointer[++at] == '1' ? '/' : '~';
        else
            tokens.back() += pointer[at];
    return tokens;
}

// An array position; `end` is what "-" means.
std::optional<SizeType> index_of(const std::string& token, SizeType end) {
    if (token == "-") return end;
    if (token.empty() || token.size() > 6 ||
        !std::all_of(token.begin(), token.end(), [](char c) { return fhir::is_digit(c); }))
        return std::nullopt;
    auto index = static_cast<SizeType>(std::stoul(token));
    return index <= end ? std::optional(index) : std::nullopt;
}

Value* child(Value& parent, const std::string& token) {
    if (parent.IsObject()) {
        auto member = parent.FindMember(token.c_str());
        return member == parent.MemberEnd() ? nullptr : &member->value;
    }
    if (parent.IsArray())
        if (auto index = index_of(token, parent.Size()); index && *index < parent.Size()) return &parent[*index];
    return nullptr;
}

Value* locate(Value& root, const std::vector<std::string>& tokens, std::size_t count) {
    Value* value = &root;
    for (std::size_t i = 0; i < count && value; ++i) value = child(*value, tokens[i]);
    return value;
}

class Patcher {
public:
    explicit Patcher(Document& document) : document_(document), memory_(document.GetAllocator()) {}

    Result<void> apply(const Value& operation) {
        if (!operation.IsObject()) return fail(ErrorCode::Invalid, "Patch operation must be an object");
        auto name = fhir::string_at(operation, "op");
        auto path_text = std::string(fhir::string_at(operation, "path"));
        auto path = split(path_text);
        if (!operation.HasMember("path") || !path) return fail(ErrorCode::Invalid, "Invalid path: " + path_text);
        if (name == "remove") return remove(*path, path_text);
        if (name == "move" || name == "copy") return transfer(operation, *path, path_text, name == "move");
        auto given = operation.FindMember("value");
        if (name != "add" && name != "replace" && name != "test")
            return fail(ErrorCode::Invalid, "Invalid operation: " + std::string(name));
        if (given == operation.MemberEnd()) return fail(ErrorCode::Invalid, "Missing value: " + path_text);
        if (name == "test") return test(*path, given->value);
        if (name == "replace") return replace(*path, path_text, given->value);
        return add(*path, path_text, Value(given->value, memory_));
    }

private:
    static tl::unexpected<Error> missing(const std::string& path) {
        return fail(ErrorCode::Invalid, "Path does not exist: " + path);
    }

    Result<void> add(const std::vector<std::string>& path, const std::string& text, Value value) {
        if (path.empty()) {
            static_cast<Value&>(document_) = std::move(value);
            return {};
        }
        Value* parent = locate(document_, path, path.size() - 1);
        const auto& last = path.back();
        if (parent && parent->IsObject()) {
            if (Value* old = child(*parent, last))
                *old = std::move(value);
            else
                parent->AddMember(Value(last.c_str(), static_cast<SizeType>(last.size()), memory_), value, memory_);
            return {};
        }
        if (!parent || !parent->IsArray()) return missing(text);
        auto index = index_of(last, parent->Size());
        if (!index) return missing(text);
        parent->PushBack(value, memory_);
        for (SizeType i = parent->Size() - 1; i > *index; --i) (*parent)[i].Swap((*parent)[i - 1]);
        return {};
    }

    Result<void> remove(const std::vector<std::string>& path, const std::string& text) {
        if (path.empty()) return missing(text);
        Value* parent = locate(document_, path, path.size() - 1);
        if (!parent || !child(*parent, path.back())) return missing(text);
        if (parent->IsObject())
            parent->EraseMember(parent->FindMember(path.back().c_str())); // keeps the order of the others
        else
            parent->Erase(parent->Begin() + *index_of(path.back(), parent->Size()));
        return {};
    }

    Result<void> replace(const std::vector<std::string>& path, const std::string& text, const Value& value) {
        Value* old = locate(document_, path, path.size());
        if (!old) return missing(text);
        old->CopyFrom(value, memory_);
        return {};
    }

    Result<void> transfer(const Value& operation, const std::vector<std::string>& path, const std::string& text,
                          bool move) {
        auto from_text = std::string(fhir::string_at(operation, "from"));
        auto from = split(from_text);
        Value* source = from && operation.HasMember("from") ? locate(document_, *from, from->size()) : nullptr;
        if (!source) return missing(from_text);
        Value copy(*source, memory_);
        if (move) {
            bool into_itself = path.size() > from->size() && std::equal(from->begin(), from->end(), path.begin());
            if (into_itself) return fail(ErrorCode::Invalid, "Cannot move " + from_text + " into itself");
            if (auto removed = remove(*from, from_text); !removed) return removed;
        }
        return add(path, text, std::move(copy));
    }

    Result<void> test(const std::vector<std::string>& path, const Value& expected) {
        Value* actual = locate(document_, path, path.size());
        if (actual && *actual == expected) return {};
        auto show = [](const Value* value) {
            if (!value) return std::string("undefined");
            return value->IsString() ? std::string(value->GetString(), value->GetStringLength())
                                     : fhir::to_text(*value);
        };
        return fail(ErrorCode::Invalid, "Test failed: " + show(actual) + " != " + show(&expected));
    }

    Document& document_;
    Document::AllocatorType& memory_;
};

} // namespace

Result<void> apply_json_patch(Document& document, const Value& patch) {
    if (!patch.IsArray()) return fail(ErrorCode::Invalid, "Patch body must be an array of operations");
    Patcher patcher(document);
    for (const auto& operation : patch.GetArray())
        if (auto applied = patcher.apply(operation); !applied) return applied;
    return {};
}

} // namespace fhirscope::server
