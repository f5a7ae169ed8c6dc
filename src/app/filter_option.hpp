#pragma once
// `--filter QUERY` of the commands that list rows.

#include "app/options.hpp"
#include "query/query.hpp"

#include <optional>
#include <string>

namespace fhirscope::app {

// `rows` names them, `example` is a filter. `text` gets the filter; it must live until the line is read.
void add_filter_option(Subcommand& command, std::string& text, const query::Fields& fields, const std::string& rows,
                       const std::string& example);
// Nothing where it is not understood: then it was said why and where, and the command ends with ExitCode::Usage.
std::optional<query::Query> read_filter(const std::string& text, const query::Fields& fields);

} // namespace fhirscope::app
