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

constexpr std::size_t cases = 3000; // of each property

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

struct Three {
    Json base, local, server;
    ResourcePtr base_text, local_text, server_text;

    Merge merge(const Decide& decide = {}) const { return fhir::merge(*base_text, *local_text, *server_text, decide); }
    Three exchanged() const { return {base, server, local, base_text, server_text, local_text}; }
    std::string describe() const { return base.write() + "\n" + local.write() + "\n" + server.write(); }
};

ResourcePtr parsed(std::string_view text) {
    Result<ResourcePtr> resource = parse_resource(text);
    if (!resource) FAIL(resource.error().message << ": " << text);
    return *resource;
}

Three three_of(Json base, Json local, Json server) {
    ResourcePtr base_text = parsed(base.write());
    ResourcePtr local_text = parsed(local.write());
    ResourcePtr server_text = parsed(server.write());
    return {std::move(base), std::move(local), std::move(server), base_text, local_text, server_text};
}

// Each written in its own way.
Three three_of(ResourceGenerator& generator, Json base, Json local, Json server) {
    ResourcePtr base_text = parsed(base.write_randomly(generator.random()));
    ResourcePtr local_text = parsed(local.write_randomly(generator.random()));
    ResourcePtr server_text = parsed(server.write_randomly(generator.random()));
    return {std::move(base), std::move(local), std::move(server), base_text, local_text, server_text};
}

Three random_three(ResourceGenerator& generator) {
    Json base = generator.resource();
    Json local = generator.edited(base);
    Json server = generator.edited(generator.chance(4) ? local : base);
    return three_of(generator, std::move(base), std::move(local), std::move(server));
}

// As merge() compares: an attachment's address without what signs it.
Json without_signatures(Json json) {
    for (Json& element : json.elements) element = without_signatures(std::move(element));
    for (auto& [name, value] : json.members) value = without_signatures(std::move(value));
    if (Json* url = json.find("url"); url != nullptr && url->text.find("Signature=") != std::string::npos)
        url->text = url->text.substr(0, url->text.find('?'));
    return json;
}

Json content(const Json& json) { return without_signatures(json).sorted(); }
Json content(std::string_view text) { return content(JsonReader(text).read()); }

bool has_overlap(const Merge& merge) {
    return std::ranges::any_of(merge.fields, [](const MergeField& field) { return field.overlap; });
}

// "name[].given[]" and the value, for all that is no container.
void collect_leaves(const Json& json, const std::string& path, std::set<std::string>& leaves) {
    if (json.kind == Json::Kind::Scalar) leaves.insert(path + " = " + json.text);
    for (const Json& element : json.elements) collect_leaves(element, path + "[]", leaves);
    for (const auto& [name, value] : json.members) collect_leaves(value, path + '.' + name, leaves);
}

bool is_below_overlap(const Merge& merge, const std::string& path) {
    return std::ranges::any_of(merge.fields, [&](const MergeField& field) {
        return field.overlap && path.starts_with(field.path) &&
               (path.size() == field.path.size() || path[field.path.size()] == '.' || path[field.path.size()] == '[');
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
    try_all(cases, [](ResourceGenerator& generator) {
        const Json base = generator.resource();
        const Json changed = generator.edited(base);
        INFO(base.write() << "\n" << changed.write());
        for (const Three& three :
             {three_of(generator, base, changed, base), three_of(generator, base, base, changed),
              three_of(generator, base, changed, changed), three_of(generator, changed, changed, changed)}) {
            const Merge merge = three.merge();
            CHECK_FALSE(has_overlap(merge));
            CHECK(content(merge.text) == content(changed));
        }
    });
}

TEST_CASE("it does not matter who is which side, where nothing overlaps") {
    std::size_t without_overlap = 0;
    try_all(cases, [&](ResourceGenerator& generator) {
        const Three three = random_three(generator);
        INFO(three.describe());
        const Merge merge = three.merge();
        const Merge exchanged = three.exchanged().merge();
        CHECK(exchanged_rows(merge, false) == exchanged_rows(exchanged, true));
        if (has_overlap(merge)) return;
        ++without_overlap;
        CHECK(content(merge.text) == content(exchanged.text));
    });
    CHECK(without_overlap > cases / 10); // else nothing was tried
}

TEST_CASE("a merge invents no value, loses no edit that nothing overlaps, and is a valid resource") {
    try_all(cases, [&](ResourceGenerator& generator) {
        const Three three = random_three(generator);
        INFO(three.describe());
        const Merge merge = three.merge();
        INFO(merge.text);
        const ResourcePtr resource = parsed(merge.text);
        CHECK(validate(*resource).empty());

        const Json result = JsonReader(merge.text).read();
        std::set<std::string> known;
        std::set<std::string> leaves;
        for (const Json* version : {&three.base, &three.local, &three.server}) collect_leaves(*version, "", known);
        collect_leaves(result, "", leaves);
        CHECK(std::ranges::includes(known, leaves)); // also to the digit

        const Json base = content(three.base);
        const Json local = content(three.local);
        const Json server = content(three.server);
        const Json merged = content(result);
        check_edits_kept(merge, "", &base, &local, &server, &merged);
        CHECK(merge.open() == has_overlap(merge));
    });
}

TEST_CASE("whoever is preferred everywhere gets their version, but for the order of elements with an identity") {
    try_all(cases, [](ResourceGenerator& generator) {
        const Three three = random_three(generator);
        INFO(three.describe());
        const auto check = [&](Side side, const Json& version) {
            const Merge merge = three.merge([side](const MergeField&) { return side; });
            CHECK_FALSE(merge.open());
            CHECK(content(merge.text).with_sorted_arrays() == content(version).with_sorted_arrays());
        };
        check(Side::Base, three.base);
        check(Side::Local, three.local);
        check(Side::Server, three.server);
    });
}

// What breaks the rules of FHIR (an empty object, a companion without its element) is asked for nothing more.
TEST_CASE("any JSON is merged without harm") {
    try_all(cases, [](ResourceGenerator& generator) {
        const Json base = generator.any_object(4);
        Json local = base;
        Json server = base;
        generator.change_anything(local, 3);
        generator.change_anything(server, 3);
        if (!local.is_object() || !server.is_object()) return;
        const Three three = three_of(base, local, server);
        INFO(three.describe());
        const Merge merge = three.merge();
        parsed(merge.text);
    });
}
