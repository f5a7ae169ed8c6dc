#pragma once
// Where panel definitions come from.

#include "app/command_line.hpp"
#include "engine/config.hpp"
#include "engine/panel.hpp"
#include "fhir/result.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace fhirscope::app {

// The folder with themes and built-in panels: ../share/fhirscope beside the program's own folder.
std::filesystem::path assets_folder();

// Built-in panels unless they are to be left out, the user's own, and those of a folder given on the command line, one
// for a resource type: a later one takes the place of an earlier one. What cannot be read is left out, and said on
// stderr. Errors: Panel when the given folder is not there, or when no panel could be read at all.
enum class LeftOut { Tell, Known }; // Known: it was said before
Result<std::vector<engine::PanelDefinition>> load_panels(const PanelSources& sources, LeftOut left_out = LeftOut::Tell);

// A configuration that subscribes to what the panels show.
engine::Config config_for(std::vector<engine::PanelDefinition> panels);

} // namespace fhirscope::app
