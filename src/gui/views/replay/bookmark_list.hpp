#pragma once
// The bookmarks: a click goes to one, a double click writes on it.

#include "gui/frame/context.hpp"
#include "gui/ui/grid.hpp"

#include <cstdint>
#include <string>

namespace fhirscope::gui {

class BookmarkList {
public:
    void draw(Context& context, Rect area);

private:
    void title(Context& context, const Rect& row);
    void row(Context& context, std::int64_t place);
    void write(Context& context, const Rect& cell);
    void begin_writing(const Context& context, std::size_t place);

    Grid grid_;
    std::uint64_t written_ = 0; // number of the one that is written on; 0: none
    std::string text_;
    bool take_focus_ = false, had_keyboard_ = false;
    bool added_ = false; // one is on its way, which is written on then
    std::size_t count_ = 0;
};

} // namespace fhirscope::gui
