// What turns one version into another, as a JSON Patch (RFC 6902).

#include "fhir/content.hpp"
#include "fhir/edit.hpp"
#include "fhir/json.hpp"
#include "fhir/slice.hpp"

#include <algorithm>
#include <vector>

namespace fhirscope::fhir {
namespace {

std::string pointer(const std::string& parent, std::string_view raw_name) {
    std::string text = parent + '/';
    for (const char c : unescape(raw_name)) {
        if (c == '~')
            text += "~0";
        else if (c == '/')
            text += "~1";
        else
            text += c;
    }
    return text;
}

std::vector<Slice> elements_of(Slice array) {
    std::vector<Slice> elements;
    array.each_element([&](Slice element) { elements.push_back(element); });
    return elements;
}

bool is_same(Slice a, Slice b) { return is_same_content(a, b, Addresses::Whole); }

class Patch {
public:
    std::string take() { return operations_.empty() ? operations_ : '[' + operations_ + ']'; }

    void add(std::string_view operation, const std::string& path, std::string_view value) {
        if (!operations_.empty()) operations_ += ',';
        operations_ += R"({"op":")" + std::string(operation) + R"(","path":)" + quote(path);
        if (!value.empty()) operations_ += R"(,"value":)" + std::string(value);
        operations_ += '}';
    }

    void compare(const std::string& path, Slice before, Slice after) {
        if (!before.exists() && !after.exists()) return;
        if (!after.exists()) return add("remove", path, "");
        if (!before.exists()) return add("add", path, after.text());
        if (is_same(before, after)) return;
        if (before.kind() == after.kind() && before.kind() == Slice::Kind::Object)
            return compare_members(path, before, after);
        if (before.kind() == after.kind() && before.kind() == Slice::Kind::Array)
            return compare_arrays(path, before, after);
        add("replace", path, after.text());
    }

private:
    void compare_members(const std::string& path, Slice before, Slice after) {
        before.each_member([&](std::string_view name, Slice value) {
            compare(pointer(path, name), value, after.member(unescape(name)));
        });
        after.each_member([&](std::string_view name, Slice value) {
            if (!before.member(unescape(name)).exists()) compare(pointer(path, name), Slice(), value);
        });
    }

    void compare_arrays(const std::string& path, Slice before, Slice after) {
        const std::vector<Slice> old_ones = elements_of(before), new_ones = elements_of(after);
        const bool begins_alike = new_ones.size() > old_ones.size() &&
                                  std::equal(old_ones.begin(), old_ones.end(), new_ones.begin(), is_same);
        if (new_ones.size() != old_ones.size() && !begins_alike) return add("replace", path, after.text());
        for (std::size_t i = 0; i < old_ones.size(); ++i)
            compare(path + '/' + std::to_string(i), old_ones[i], new_ones[i]);
        for (std::size_t i = old_ones.size(); i < new_ones.size(); ++i) add("add", path + "/-", new_ones[i].text());
    }

    std::string operations_;
};

} // namespace

std::string make_patch(const Resource& before, const Resource& after) {
    Patch patch;
    const auto member = [](const Resource& resource, std::string_view name) {
        return Slice(resource.member(name).value_or(""));
    };
    std::vector<std::string_view> names;
    for (const Resource* resource : {&before, &after})
        for (const Field& field : resource->fields())
            if (std::ranges::find(names, resource->name_of(field)) == names.end())
                names.push_back(resource->name_of(field));
    for (const std::string_view name : names) {
        if (name == "id" || name == "resourceType") continue;
        if (name != "meta") {
            patch.compare(pointer("", name), member(before, name), member(after, name));
            continue;
        }
        for (const std::string_view part : {"profile", "security", "tag"}) // the rest is the server's to set
            patch.compare("/meta/" + std::string(part), member(before, name).member(part),
                          member(after, name).member(part));
    }
    const std::string changes = patch.take();
    if (changes.empty()) return changes;
    Patch guard;
    guard.add("test", "/meta/versionId", quote(before.version_id()));
    std::string text = guard.take();
    text.back() = ',';
    return text + changes.substr(1);
}

} // namespace fhirscope::fhir
