#include "engine/edits/edit_text.hpp"

#include "engine/alias.hpp"
#include "engine/mutation.hpp"
#include "fhir/json_node.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::engine {
namespace {

constexpr std::array<std::string_view, 8> meta_of_server{"versionId", "lastUpdated", "author",      "project",
                                                         "account",   "accounts",    "compartment", "onBehalfOf"};

} // namespace

std::string text_to_send(const fhir::Resource& resource) {
    fhir::JsonNode root(fhir::value_in(resource.text()).text());
    if (fhir::JsonNode* meta = root.find_member("meta"))
        for (const std::string_view name : meta_of_server)
            for (const std::string& member : {std::string(name), '_' + std::string(name)})
                if (fhir::JsonNode* found = meta->find_member(member)) found->remove();
    if (mutated(Mutation::PutForgetsMember))
        if (fhir::JsonNode* forgotten = root.find_member("description")) forgotten->remove();
    return root.text();
}

bool is_of_server(std::string_view path) {
    if (!path.starts_with("meta.")) return false;
    path.remove_prefix(5);
    return std::ranges::find(meta_of_server, path.substr(0, path.find_first_of(".["))) != meta_of_server.end();
}

bool is_part(const fhir::Resource& resource) {
    const auto meta = resource.member("meta");
    return meta && meta->find("\"SUBSETTED\"") != std::string_view::npos;
}

bool names_foreign_text(const fhir::FieldEdit& field) {
    AliasScanner aliases(field.value);
    while (const auto alias = aliases.next())
        if (alias->equal_signs == 0 && alias->kind == foreign_kind) return true;
    return false;
}

} // namespace fhirscope::engine
