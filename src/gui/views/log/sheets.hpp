#pragma once
// What opens over the log's table: saved filters, a name for one, coloring rules, columns, an export.
// context.ui.log.sheet says which; a press elsewhere or Esc closes it.

#include "gui/frame/context.hpp"
#include "gui/frame/query_input.hpp"
#include "gui/model/log/log_export.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fhirscope::gui {

class LogSheets {
public:
    LogSheets() : folder_(export_folder()) {}

    // What the log shows now.
    struct Shown {
        Rect area;                // below the header: sheets hang at its upper right corner
        bool filter_valid = true; // the typed filter
        std::size_t rows = 0;
        bool complete = true; // all of the log was looked at
        const query::ConflictRows* conflicts = nullptr;
        std::function<std::vector<std::uint64_t>()> numbers; // of the rows, oldest first
    };
    // Draw it last.
    void draw(Context& context, const Shown& shown);

    const LogExport& running() const { return export_; }
    // One line about the export that runs or has ended a short while ago; "" for none.
    std::string notice(Context& context);

private:
    void menu(Context& context, Rect rest, const Shown& shown);
    void save(Context& context, Rect rest, const Shown& shown);
    void rules(Context& context, Rect rest);
    bool rule(Context& context, const Rect& row, std::size_t at);
    void columns(Context& context, Rect rest);
    void save_rows(Context& context, Rect rest, const Shown& shown);
    Rect place(const Context& context, const Rect& area, float width, float height) const;
    float height(const Context& context) const;

    std::string folder_; // that exports go to
    std::string name_, path_;
    query::Format format_ = query::Format::Csv;
    LogExport export_;
    LogExport::State seen_ = LogExport::State::Idle;
    double ended_ = 0;                                // ImGui's time
    std::vector<std::unique_ptr<QueryInput>> inputs_; // of the rules
    LogSheet open_ = LogSheet::None;                  // in the frame before
    bool just_opened_ = false;
};

} // namespace fhirscope::gui
