#pragma once
// A filter that is typed: read at once, with a mark under the place that is not understood, and a list of what can
// stand at the cursor. The last filter that was understood stays in force.

#include "gui/frame/context.hpp"
#include "gui/ui/widgets.hpp"
#include "query/completion.hpp"
#include "query/query.hpp"

#include <optional>
#include <string>
#include <vector>

namespace fhirscope::gui {

class QueryInput {
public:
    // Reads the text where it (or the fields) changed. True: query() is another one now.
    bool ask(const std::string& text, const query::Fields& fields);
    const query::Query& query() const { return query_; }
    bool valid() const { return problem_.empty(); }
    const std::string& problem() const { return problem_; }

    struct Place {
        const char* name; // for ImGui and for tests
        Rect rect;
        const char* hint;
        float room_right = 0; // what the caller draws at the right end takes
        bool take_focus = false;
        bool escape_clears = true; // else Esc takes back what was typed
    };
    // The field, with its outline; what ask() was told last. Changes `text`; true in the frame in which it changed.
    bool draw(Context& context, const Place& place, std::string& text, const query::Fields& fields,
              const query::KnownValues& known);
    // A line below the field: a mark under the error's place, and the reason.
    void draw_problem(Context& context, const Rect& line) const;
    // What can stand at the cursor. Draw it last, above what lies below the field.
    void draw_list(Context& context, std::string& text);
    bool list_open() const { return open_ && !list_.empty(); }

private:
    struct Edit { // what ImGui's field asks and is told while it has the keyboard
        std::string* text;
        std::optional<query::Completed> put;
        int cursor = 0;
        bool completed = false; // Tab was pressed
        const QueryInput* owner;
    };
    static int callback(ImGuiInputTextCallbackData* data);
    const query::Completion* chosen(bool first) const;
    void keys();
    void look_up(const std::string& text, const query::Fields& fields, const query::KnownValues& known);

    query::Query query_;
    std::string read_; // the text that query_ or problem_ answers
    query::Fields fields_;
    bool started_ = false;
    std::string problem_;
    std::size_t problem_at_ = 0;

    std::string name_;
    Rect rect_, list_rect_;
    float text_x_ = 0, scroll_ = 0;
    int cursor_ = 0;
    bool active_ = false, open_ = false, refocus_ = false;
    std::optional<query::Completed> put_; // to be done when the field has the keyboard again
    std::vector<query::Completion> list_;
    int chosen_ = -1; // -1: none, Tab takes the first
    int top_ = 0;
    std::string listed_for_;
    int listed_at_ = -1;
};

} // namespace fhirscope::gui
