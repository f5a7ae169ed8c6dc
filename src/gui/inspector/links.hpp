#pragma once
// The inspector's links: what a resource names, and what names it. A click follows one; so do the keys.

#include "gui/frame/context.hpp"
#include "gui/model/link_index.hpp"
#include "gui/model/record_finder.hpp"
#include "gui/ui/grid.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace fhirscope::gui {

class LinksPane {
public:
    void draw(Context& context, const Rect& area, const engine::Record& record);

private:
    void look(const Context& context, const engine::Record& record);
    void outgoing(Context& context, Rect area);
    void incoming(Context& context, Rect area, const engine::Record& record);
    // Where `record` names `reference`: "for", "basedOn[0]".
    const std::string& place_of(const engine::Record& record, const std::string& reference);

    LinkIndex index_;
    fhir::ResourcePtr links_of_; // held, so that its address names it
    std::vector<Link> links_;
    std::vector<RecordFinder> finders_; // one a link
    struct Named {
        fhir::ResourcePtr resource;
        std::string reference, place;
    };
    std::unordered_map<const fhir::Resource*, Named> named_;
    Grid out_grid_, in_grid_;
    std::string chosen_of_;
    std::int64_t chosen_ = -1; // row under the keyboard: of the links, then of what names it
};

} // namespace fhirscope::gui
