// What holds for every merge, tried on made-up resources. A failure names the seed and the case: run it again with
// --rng-seed <seed>.

#include "fhir/edit.hpp"
#include "fhir/identity.hpp"
#include "fhir/merge.hpp"
#include "fhir/slice.hpp"
#include "fhir/validate.hpp"
#include "resource_generator.hpp"
#include "samples.hpp"

#include <catch2/catch_get_random_seed.hpp>
#include <catch2/catch_test_macros.hpp>

#include <set>

using namespace fhirscope;
using namespace fhirscope::fhir;
using samples::Json;
using samples::JsonReader;
using samples::ResourceGenerator;

namespace {

constexpr std::size_t cases = 2000; // of each property

// One run of a test: the seed of the whole and the number of the case say everything.
template <class Check>
void try_all(std::size_t count, Check check) {
    const std::uint64_t seed = Catch::getSeed();
    for (std::size_t i = 0; i < count; ++i) {
        ResourceGenerator generator(seed * 1'000'003 + i);
        INFO("--rng-seed " << seed << ", case " << i);
        check(generator);
    }
}

ResourcePtr parsed(std::string_view text) {
    Result<ResourcePtr> resource = parse_resource(text);
    if (!resource) FAIL(resource.error().message << ": " << text);
    return *resource;
}

struct Version {
    explicit Version(Json version) : json(std::move(version)), text(parsed(json.write())) {}
    // Sometimes in other words.
    Version(Json version, ResourceGenerator& generator)
        : json(std::move(version)),
          text(parsed(generator.chance(4) ? json.write_randomly(generator.random()) : json.write())) {}

    Json json;
    ResourcePtr text;
};

Merge merge(const Version& base, const Version& local, const Version& server, const Decide& decide = {}) {
    return fhir::merge(*base.text, *local.text, *server.text, decide);
}

struct Three {
    Version base, local, server;

    explicit Three(ResourceGenerator& generator)
        : base(generator.resource(), generator),
          local(generator.edited(base.json), generator),
          server(generator.edited(generator.chance(4) ? local.json : base.json), generator) {}

    std::string describe() const { return base.json.write() + "\n" + local.json.write() + "\n" + server.json.write(); }
};

// An attachment's address without what signs it.
void cut_signatures(Json& json) {
    for (Json& element : json.elements) cut_signatures(element);
    for (auto& [name, value] : json.members) cut_signatures(value);
    if (Json* url = json.find("url"); url != nullptr && url->text.find("Signature=") != std::string::npos)
        url->text = url->text.substr(0, url->text.find('?'));
}

// As merge() compares.
Json content(Json json) {
    cut_signatures(json);
    json.sort_members();
    return json;
}
Json content(std::string_view text) { return content(JsonReader(text).read()); }

Json content_in_any_order(Json json) {
    json = content(std::move(json));
    json.sort_elements();
    return json;
}

bool has_overlap(const Merge& merge) {
    return std::ranges::any_of(
        merge.fields, [](const MergeField& field) { return field.overlap; });
}

// "name[].given[]" and the value, for all that is no container.
void collect_leaves(const Json& json, const std::string& path, std::set<std::string>& leaves) {
    if (json.kind == Json::Kind::Scalar) leaves.insert(path + " = " + json.text);
    for (const Json& element : json.elements) collect_leaves(element, path + "[]", leaves);
    for (const auto& [name, value] : json.members) collect_leaves(value, path + '.' + name, leaves);
}

bool is_below_overlap(const Merge& merge, const std::string& path) {
    return std::ranges::any_of(
        merge.fields,
        [&](const MergeField& field) {
            return field.overlap && path.starts_with(field.path) &&
                   (path.size() == field.path.size() || path[field.path.size()] == '.' ||
                    path[field.path.size()] == '[');
        });
}

using Keyed = std::map<std::string, const Json*>;

// The elements by identity; no value where one has none, or two have the same.
std::optional<Keyed> keyed(const Json* array) {
    Keyed elements;
    if (array == nullptr) return elements;
    if (!array->is_array()) return std::nullopt;
    for (const Json& element : array->elements) {
        const std::string text = element.write();
        const std::string identity = identity_of(Slice(text));
        if (identity.empty() || !elements.emplace(identity, &element).second) return std::nullopt;
    }
    return elements;
}

const Json* member(const Json* json, const std::string& name) { return json == nullptr ? nullptr : json->find(name); }
bool is_same(const Json* a, const Json* b) { return a == nullptr || b == nullptr ? a == b : *a == *b; }

// At every path that one side alone changed, the result has that side's value; and keyed arrays lose and repeat
// nothing.
void check_edits_kept(const Merge& merge, const std::string& path, const Json* base, const Json* local,
                      const Json* server, const Json* result) {
    if (is_below_overlap(merge, path)) return;
    const bool is_open_below = std::ranges::any_of(merge.fields, [&](const MergeField& field) {
        return field.overlap && (path.empty() || field.path.starts_with(path));
    });
    if (!is_open_below) {
        INFO(path);
        if (is_same(base, local)) CHECK(is_same(result, server));
        if (is_same(base, server)) CHECK(is_same(result, local));
    }
    std::set<std::string> names;
    bool are_objects = true;
    for (const Json* version : {base, local, server}) {
        if (version == nullptr) continue;
        are_objects &= version->is_object();
        for (const auto& [name, value] : version->members) names.insert(name);
    }
    if (are_objects) {
        for (const std::string& name : names) {
            // As in the rows, `_x` is named `x`, unless it is a list.
            bool is_companion = name.starts_with('_');
            for (const Json* version : {member(base, name), member(local, name), member(server, name)})
                is_companion &= version == nullptr || version->is_object();
            check_edits_kept(merge, path + (path.empty() ? "" : ".") + name.substr(is_companion ? 1 : 0),
                             member(base, name), member(local, name), member(server, name), member(result, name));
        }
        return;
    }
    const auto in_base = keyed(base);
    const auto in_local = keyed(local);
    const auto in_server = keyed(server);
    if (!in_base || !in_local || !in_server) return;
    const auto in_result = keyed(result);
    INFO(path);
    REQUIRE(in_result.has_value()); // no identity twice
    const auto at = [](const Keyed& elements, const std::string& key) {
        const auto found = elements.find(key);
        return found == elements.end() ? nullptr : found->second;
    };
    std::set<std::string> keys;
    for (const Keyed* elements : {&*in_base, &*in_local, &*in_server})
        for (const auto& [key, element] : *elements) keys.insert(key);
    for (const std::string& key : keys) {
        check_edits_kept(merge, path + '[' + key + ']', at(*in_base, key), at(*in_local, key), at(*in_server, key),
                         at(*in_result, key));
        // What neither removed is there.
        if (in_local->contains(key) && in_server->contains(key)) CHECK(in_result->contains(key));
    }
}

// A row with the sides exchanged.
std::vector<std::string> exchanged_rows(const Merge& merge, bool is_exchanged) {
    std::vector<std::string> rows;
    for (const MergeField& field : merge.fields)
        rows.push_back(field.path + '|' + field.group + '|' + field.base + '|' +
                       (is_exchanged ? field.server + '|' + field.local : field.local + '|' + field.server) +
                       (field.overlap ? "!" : ""));
    std::ranges::sort(rows);
    return rows;
}

} // namespace

TEST_CASE("merging with an unchanged version gives the other, whatever was changed") {
    try_all(
        cases,
        [](ResourceGenerator& generator) {
            const Version base(generator.resource(), generator);
            const Version same_as_base(base.json, generator);
            const Version changed(generator.edited(base.json), generator);
            const Version same_as_changed(changed.json, generator);
            INFO(base.json.write() << "\n" << changed.json.write());
            const Json expected = content(changed.json);
            const auto check = [&](const Merge& merge) {
                CHECK_FALSE(has_overlap(merge));
                CHECK(content(merge.text) == expected);
            };
            check(merge(base, changed, same_as_base));
            check(merge(base, same_as_base, changed));
            check(merge(base, changed, same_as_changed));
        });
}

TEST_CASE("it does not matter who is which side, where nothing overlaps") {
    std::size_t without_overlap = 0;
    try_all(cases, [&](ResourceGenerator& generator) {
        const Three three(generator);
        INFO(three.describe());
        const Merge one = merge(three.base, three.local, three.server);
        const Merge other = merge(three.base, three.server, three.local);
        CHECK(exchanged_rows(one, false) == exchanged_rows(other, true));
        if (has_overlap(one)) return;
        ++without_overlap;
        CHECK(content(one.text) == content(other.text));
    });
    CHECK(without_overlap > cases / 10); // else nothing was tried
}

TEST_CASE("a merge invents no value, loses no edit that nothing overlaps, and is a valid resource") {
    try_all(
        cases,
        [&](ResourceGenerator& generator) {
            const Three three(generator);
            INFO(three.describe());
            const Merge merge = ::merge(three.base, three.local, three.server);
            INFO(merge.text);
            for (const Problem& problem : validate(*parsed(merge.text)))
                CHECK(problem.code == "unknown-code"); // values are made up
            CHECK(merge.open() == has_overlap(merge));

            const Json result = JsonReader(merge.text).read();
            std::set<std::string> known;
            std::set<std::string> leaves;
            for (const Version* version : {&three.base, &three.local, &three.server})
                collect_leaves(version->json, "", known);
            collect_leaves(result, "", leaves);
            CHECK(std::ranges::includes(known, leaves)); // also to the digit

            const Json base = content(three.base.json);
            const Json local = content(three.local.json);
            const Json server = content(three.server.json);
            const Json merged = content(result);
            check_edits_kept(merge, "", &base, &local, &server, &merged);
        });
}

TEST_CASE("whoever is preferred everywhere gets their version, but for the order of elements with an identity") {
    try_all(
        cases,
        [](ResourceGenerator& generator) {
            const Three three(generator);
            INFO(three.describe());
            const auto check = [&](Side side, const Version& version) {
                const Merge merge = ::merge(
                    three.base, three.local, three.server, [side](const MergeField&) { return side; });
                CHECK_FALSE(merge.open());
                if (content(merge.text) != content(version.json))
                    CHECK(content_in_any_order(JsonReader(merge.text).read()) == content_in_any_order(version.json));
            };
            check(Side::Base, three.base);
            check(Side::Local, three.local);
            check(Side::Server, three.server);
        });
}

TEST_CASE("any JSON is merged without harm") {
    try_all(
        cases,
        [](ResourceGenerator& generator) {
            const Json original = generator.any_object(4);
            Json one = original;
            Json other = original;
            generator.change_anything(one, 3);
            generator.change_anything(other, 3);
            if (!one.is_object() || !other.is_object()) return;
            const Version base(original);
            const Version local(one);
            const Version server(other);
            INFO(original.write() << "\n" << one.write() << "\n" << other.write());
            const Merge merge = ::merge(base, local, server);
            parsed(merge.text);
            CHECK(exchanged_rows(merge, false).size() == exchanged_rows(::merge(base, server, local), true).size());
            CHECK(content(::merge(base, local, base).text) == content(one));
            CHECK(content(::merge(base, base, local).text) == content(one));
            CHECK(content(::merge(base, local, local).text) == content(one));
        });
}

TEST_CASE("a patch makes the one version of the other") {
    try_all(
        cases,
        [](ResourceGenerator& generator) {
            const Version before(generator.resource(), generator);
            const Version after(generator.edited(before.json), generator);
            const std::string patch = make_patch(*before.text, *after.text);
            INFO(before.json.write() << "\n" << after.json.write() << "\n" << patch);
            Json patched = before.json;
            patched.sort_members();
            Json expected = after.json;
            expected.sort_members();
            CHECK(patch.empty() == (patched == expected));
            if (!patch.empty()) samples::apply_patch(patched, JsonReader(patch).read());
            patched.sort_members();
            CHECK(patched == expected);
        });
}
