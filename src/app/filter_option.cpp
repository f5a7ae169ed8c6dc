#include "app/filter_option.hpp"

#include "app/command_line.hpp"

namespace fhirscope::app {

void add_filter_option(Subcommand& command, std::string& text, const query::Fields& fields, const std::string& rows,
                       const std::string& example) {
    command
        .option("--filter", &text,
                "Only " + rows + " that match, as in the window: '" + example + "'; fields: " + fields.names() +
                    " (docs/query.md)")
        .type_name("QUERY");
}

std::optional<query::Query> read_filter(const std::string& text, const query::Fields& fields) {
    auto query = query::Query::parse(text, fields);
    if (query) return std::move(*query);
    fail_with({ErrorCode::Filter, "the filter is not understood. " + query.error().message});
    print_aside(query::with_caret(text, query.error().offset) << "\n");
    return std::nullopt;
}

} // namespace fhirscope::app
