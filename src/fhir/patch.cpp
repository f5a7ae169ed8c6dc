// JSON Patch (RFC 6902) between two versions of one resource.

#include "fhir/content.hpp"
#include "fhir/edit.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fhirscope::fhir {
namespace {

bool is_same(Slice before, Slice after) { return is_same_content(before, after, Addresses::Whole); }

// A step of a JSON pointer (RFC 6901).
std::string pointer_to(const std::string& parent, std::string_view name) {
    std::string pointer = parent + '/';
    for (const char c : name)
        if (c == '~')
            pointer += "~0";
        else if (c == '/')
            pointer += "~1";
        else
            pointer += c;
    return pointer;
}

class PatchWriter {
public:
    PatchWriter() { patch_.array(); }

    // "" where nothing was added beside the guard.
    std::string take() {
        patch_.end();
        return changes_ == 0 ? std::string() : patch_.take();
    }

    // What must be so for the rest to be done.
    void guard(const std::string& pointer, std::string_view value) {
        add("test", pointer, value);
        changes_ = 0;
    }

    void compare_members(const std::string& pointer, Slice before, Slice after, bool is_resource = false) {
        before.each_member([&](std::string_view raw_name, Slice value) {
            const std::string name = unescape(raw_name);
            if (is_resource && is_identity(name)) return;
            compare_optional(pointer_to(pointer, name), value, after.member(name));
        });
        after.each_member([&](std::string_view raw_name, Slice value) {
            const std::string name = unescape(raw_name);
            if (is_resource && is_identity(name)) return;
            if (!before.member(name).exists()) compare_optional(pointer_to(pointer, name), {}, value);
        });
    }

    // Only the labels: the rest of meta is the server's.
    void compare_meta(Slice before, Slice after) {
        static constexpr std::array<std::string_view, 4> labels{"profile", "_profile", "security", "tag"};
        if (before.exists()) {
            for (const std::string_view label : labels)
                compare_optional(pointer_to("/meta", label), before.member(label), after.member(label));
            return;
        }
        JsonWriter added;
        bool any = false;
        added.object();
        for (const std::string_view label : labels)
            if (const Slice value = after.member(label); value.exists()) {
                added.raw(label, value.text());
                any = true;
            }
        added.end();
        if (any) add("add", "/meta", added.take());
    }

private:
    void add(std::string_view operation, const std::string& pointer, std::string_view value) {
        patch_.object().member("op", operation).member("path", pointer);
        if (!value.empty()) patch_.raw("value", value);
        patch_.end();
        ++changes_;
    }

    static bool is_identity(std::string_view name) { return name == "id" || name == "resourceType" || name == "meta"; }

    void compare_optional(const std::string& pointer, Slice before, Slice after) {
        if (is_same(before, after)) return;
        if (!after.exists())
            add("remove", pointer, {});
        else if (!before.exists())
            add("add", pointer, after.text());
        else if (before.kind() == Slice::Kind::Object && after.kind() == Slice::Kind::Object)
            compare_members(pointer, before, after);
        else if (!(before.kind() == Slice::Kind::Array && after.kind() == Slice::Kind::Array &&
                   compare_elements(pointer, elements_of(before), elements_of(after))))
            add("replace", pointer, after.text());
    }

    // Only where the indexes say what belongs together; else false.
    bool compare_elements(const std::string& pointer, const std::vector<Slice>& before,
                          const std::vector<Slice>& after) {
        if (before.size() > after.size()) return false;
        if (before.size() == after.size()) {
            for (std::size_t i = 0; i < before.size(); ++i)
                compare_optional(pointer + '/' + std::to_string(i), before[i], after[i]);
            return true;
        }
        if (!std::equal(before.begin(), before.end(), after.begin(), is_same)) return false;
        for (std::size_t i = before.size(); i < after.size(); ++i) add("add", pointer + "/-", after[i].text());
        return true;
    }

    JsonWriter patch_;
    std::size_t changes_ = 0;
};

} // namespace

std::string make_patch(const Resource& before, const Resource& after) {
    PatchWriter patch;
    const Slice from = value_in(before.text());
    const Slice to = value_in(after.text());
    if (const Slice version = from.member("meta").member("versionId"); version.exists())
        patch.guard("/meta/versionId", version.text());
    patch.compare_meta(from.member("meta"), to.member("meta"));
    patch.compare_members("", from, to, true);
    return patch.take();
}

} // namespace fhirscope::fhir
