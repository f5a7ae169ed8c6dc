// The targets that are about what may be written: nothing that was not edited may change, no secret may be seen.
#include "fhir/edit.hpp"
#include "fhir/json_node.hpp"
#include "fhir/merge.hpp"
#include "fhir/validate.hpp"
#include "runtime/vault.hpp"
#include "session/redact.hpp"
#include "targets.hpp"

#include <cstdlib>
#include <string>
#include <vector>

namespace fhirscope::fuzz {

namespace {

void insist(bool condition) {
    if (!condition) std::abort();
}

// All of it, or what is in it to a depth.
void open_all(fhir::JsonNode& node, std::string_view text, int depth) {
    if (depth == 0) return;
    const fhir::Slice value(text);
    value.each_member([&](std::string_view raw_name, fhir::Slice member) {
        open_all(node.member(fhir::unescape(raw_name)), member.text(), depth - 1);
    });
    std::size_t index = 0;
    value.each_element([&](fhir::Slice element) {
        static_cast<void>(node.size());
        open_all(node.element(index++), element.text(), depth - 1);
    });
}

} // namespace

void edit(std::string_view bytes) {
    const auto resource = fhir::parse_resource(bytes);
    if (!resource) return;
    const std::string text(fhir::value_in((*resource)->text()).text());
    for (const auto& problem : fhir::validate(**resource))
        if (problem.code == "duplicate-key") return; // refused, so nothing edits it
    fhir::JsonNode node(text);
    open_all(node, text, 6);
    insist(node.text() == text);

    const std::vector<fhir::FieldEdit> edits{{"status", R"("accepted")"}};
    const auto edited = fhir::apply_edits(**resource, edits);
    if (!edited) return;
    const auto local = fhir::parse_resource(*edited);
    insist(local.has_value());
    // Around the value that was there, or before the end where there was none.
    const fhir::Slice before = fhir::value_in(text).member("status"), after = fhir::value_in(*edited).member("status");
    insist(after.text() == R"("accepted")");
    if (before.exists()) {
        const auto at = static_cast<std::size_t>(before.text().data() - text.data());
        insist(*edited == text.substr(0, at) + R"("accepted")" + text.substr(at + before.text().size()));
    }
    insist(fhir::merge(**resource, **local, **resource).text == *edited);
}

void vault(std::string_view bytes) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const std::string secret(bytes.substr(0, std::min<std::size_t>(end, 200)));
    const std::string text(bytes.substr(std::min(end + 1, bytes.size())));
    runtime::Vault vault;
    insist(vault.protect("client-secret", runtime::Secret(secret)));
    for (int i = 0; i < 2; ++i) {
        const std::string seen = vault.redact(text);
        insist(vault.restore(seen, runtime::Vault::Place::Json) == text);
        insist(!session::Redactor().apply(seen));
        // Where the aliases themselves have it, the secret is one that everybody knows.
        if (secret.size() >= 8 && std::string("<client-secret-1>").find(secret) == std::string::npos &&
            vault.redact("<client-secret-1>") == "<=client-secret-1>")
            insist(seen.find(secret) == std::string::npos);
    }
}

} // namespace fhirscope::fuzz
