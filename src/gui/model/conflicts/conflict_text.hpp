#pragma once
// What is said about a conflict, from its data alone: words and marks. In sentences, names between `backticks`
// are drawn monospaced (ui/rich_text.hpp).

#include "gui/base/marks.hpp"
#include "gui/model/conflicts/conflict_sheet.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace fhirscope::gui {

// About a local edit: two truths, violet. The others are about order and age, amber.
bool about_edit(engine::ConflictKind kind);
Mark conflict_mark(engine::ConflictKind kind);
Mark outcome_mark(const engine::Conflict& conflict);
// "waiting for a decision", "send failed, 412".
std::string outcome_text(const engine::Conflict& conflict);
// "Task/3e92b7d0".
std::string short_reference(std::string_view reference);
// "a, b and c".
std::string list_of(std::span<const std::string> words);

// Who changed what when, from which version, whether it was sent, and what became of it.
std::string explain(const engine::Conflict& conflict, std::span<const ConflictField> fields);

// What each decision would do: by ResolveAction; "" where it is not possible.
using Effects = std::array<std::string, 4>;
Effects effects_of(const engine::Conflict& conflict, std::span<const ConflictField> fields,
                   std::span<const FieldChoice> choices);

// What Merge sends: "Sends `PUT Task/3e92b7d0` with `If-Match W/"5d17c4…"`". Of a decided one: "Merged at 14:27:06…".
std::string sends_text(const engine::Conflict& conflict, std::size_t fields, engine::EditMethod method);
std::string decided_text(const engine::Conflict& conflict);

} // namespace fhirscope::gui
