#include "gui/ui/icons.hpp"

#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace fhirscope::gui {

namespace {

// ---- A small path language: SVG's M m L l H h V v A a C Z z, plus
//   R x y w h r   rounded rectangle        O cx cy r   circle
//   F             following shapes are filled (convex)    S width   following shapes are lines of this width
// Parsed once; drawing only scales and moves points.

struct Shape {
    std::vector<ImVec2> points;
    bool closed = false;
    bool filled = false;
    float width = 1.3F;
};

using Drawing = std::vector<Shape>;

constexpr float pi = 3.14159265F;

class Parser {
public:
    Parser(const char* text, float width) : at_(text), width_(width) {}

    Drawing run() {
        char command = 0;
        while (skip(), *at_ != 0) {
            if (std::isalpha(static_cast<unsigned char>(*at_)) != 0) command = *at_++;
            step(command);
            // Coordinates after a move are lines, as in SVG.
            command = command == 'M' ? 'L' : command == 'm' ? 'l' : command;
        }
        flush(false);
        return std::move(out_);
    }

private:
    void skip() {
        while (*at_ == ' ' || *at_ == ',') ++at_;
    }

    float number() {
        skip();
        char* end = nullptr;
        const float value = std::strtof(at_, &end);
        at_ = end == at_ ? at_ + 1 : end;
        return value;
    }

    ImVec2 point(bool relative) {
        const float x = number();
        const float y = number();
        return relative ? ImVec2(pen_.x + x, pen_.y + y) : ImVec2(x, y);
    }

    void to(ImVec2 p) {
        current_.points.push_back(p);
        pen_ = p;
    }

    void flush(bool closed) {
        if (current_.points.size() > 1) {
            current_.closed = closed;
            current_.filled = filled_;
            current_.width = width_;
            out_.push_back(current_);
        }
        current_ = Shape{};
    }

    void step(char command) {
        switch (command) {
            case 'M':
            case 'm': {
                const ImVec2 p = point(command == 'm');
                flush(false);
                start_ = p;
                to(p);
                break;
            }
            case 'L':
            case 'l':
                to(point(command == 'l'));
                break;
            case 'H':
                to(ImVec2(number(), pen_.y));
                break;
            case 'h':
                to(ImVec2(pen_.x + number(), pen_.y));
                break;
            case 'V':
                to(ImVec2(pen_.x, number()));
                break;
            case 'v':
                to(ImVec2(pen_.x, pen_.y + number()));
                break;
            case 'C':
                curve();
                break;
            case 'A':
            case 'a':
                arc(command == 'a');
                break;
            case 'Z':
            case 'z': {
                const ImVec2 start = start_;
                flush(true);
                pen_ = start;
                break;
            }
            case 'R':
                rectangle();
                break;
            case 'O':
                circle();
                break;
            case 'F':
                flush(false), filled_ = true;
                break;
            case 'S':
                flush(false), filled_ = false, width_ = number();
                break;
            default:
                ++at_;
                break;
        }
    }

    void curve() {
        const ImVec2 a = pen_;
        const ImVec2 b = point(false);
        const ImVec2 c = point(false);
        const ImVec2 d = point(false);
        constexpr int step_count = 8;
        for (int i = 1; i <= step_count; ++i) {
            const float t = static_cast<float>(i) / step_count;
            const float u = 1 - t;
            to(ImVec2(u * u * u * a.x + 3 * u * u * t * b.x + 3 * u * t * t * c.x + t * t * t * d.x,
                      u * u * u * a.y + 3 * u * u * t * b.y + 3 * u * t * t * c.y + t * t * t * d.y));
        }
    }

    // Circular arcs only (rx = ry, no rotation), which is all that the icons use.
    void arc(bool relative) {
        const float r = number();
        (void)number(); // ry, equal to rx
        (void)number(); // rotation, without effect on a circle
        const bool large = number() != 0;
        const bool sweep = number() != 0;
        const ImVec2 from = pen_;
        const ImVec2 end = point(relative);
        const float dx = end.x - from.x;
        const float dy = end.y - from.y;
        const float half = std::sqrt(dx * dx + dy * dy) / 2;
        const float radius = std::max(r, half);
        const float away = std::sqrt(std::max(0.0F, radius * radius - half * half)) * (large == sweep ? -1.0F : 1.0F);
        const float length = std::max(half * 2, 1e-6F);
        const ImVec2 center((from.x + end.x) / 2 - dy / length * away, (from.y + end.y) / 2 + dx / length * away);
        const float begin = std::atan2(from.y - center.y, from.x - center.x);
        float turn = std::atan2(end.y - center.y, end.x - center.x) - begin;
        if (sweep && turn < 0)
            turn += 2 * pi;
        else if (!sweep && turn > 0)
            turn -= 2 * pi;
        const int steps = std::max(3, static_cast<int>(std::fabs(turn) / (pi / 10)));
        for (int i = 1; i <= steps; ++i) {
            const float a = begin + turn * static_cast<float>(i) / static_cast<float>(steps);
            to(ImVec2(center.x + std::cos(a) * radius, center.y + std::sin(a) * radius));
        }
    }

    void circle() {
        const ImVec2 center = point(false);
        const float r = number();
        flush(false);
        const int steps = r < 2 ? 10 : r < 3.5F ? 14 : 20;
        for (int i = 0; i < steps; ++i) {
            const float a = 2 * pi * static_cast<float>(i) / static_cast<float>(steps);
            current_.points.emplace_back(center.x + std::cos(a) * r, center.y + std::sin(a) * r);
        }
        flush(true);
    }

    void rectangle() {
        const ImVec2 p = point(false);
        const float w = number();
        const float h = number();
        const float r = number();
        flush(false);
        const ImVec2 corners[] = {
            {p.x + w - r, p.y + r}, {p.x + w - r, p.y + h - r}, {p.x + r, p.y + h - r}, {p.x + r, p.y + r}};
        for (int corner = 0; corner < 4; ++corner) {
            const int steps = r > 0 ? 3 : 0;
            for (int i = 0; i <= steps; ++i) {
                const float a = pi / 2 * (static_cast<float>(corner) - 1 + (steps > 0 ? static_cast<float>(i) / 3 : 0));
                current_.points.emplace_back(corners[corner].x + std::cos(a) * r, corners[corner].y + std::sin(a) * r);
            }
        }
        flush(true);
    }

    const char* at_;
    float width_;
    bool filled_ = false;
    ImVec2 pen_{};
    ImVec2 start_{};
    Shape current_;
    Drawing out_;
};

void draw(ImDrawList& list, const Drawing& drawing, ImVec2 pos, float scale, ImU32 color) {
    constexpr std::size_t most_points = 96;
    std::array<ImVec2, most_points> points;
    const ImVec2 origin(snap(pos.x), snap(pos.y));
    for (const Shape& shape : drawing) {
        const int n = static_cast<int>(std::min(shape.points.size(), most_points));
        for (int i = 0; i < n; ++i) {
            const auto at = static_cast<std::size_t>(i);
            points[at] = ImVec2(origin.x + shape.points[at].x * scale, origin.y + shape.points[at].y * scale);
        }
        if (shape.filled) {
            // ImGui's fill wants clockwise points (y down) for the anti-aliased edge to lie outside.
            list.AddConvexPolyFilled(points.data(), n, color);
        } else {
            list.AddPolyline(points.data(), n, color, shape.closed ? ImDrawFlags_Closed : ImDrawFlags_None,
                             shape.width * scale);
        }
    }
}

constexpr const char* icons[] = {
    /* brand */ "S1.6 M1.5 9h3l2-5 3.5 10 2.5-7 1.2 2h2.8",
    /* panels */ "R2.5 3 11 10 1 M2.5 6.5h11M6.5 6.5V13",
    /* log */ "M2.5 4h1.5M6 4h7.5M2.5 8h1.5M6 8h7.5M2.5 12h1.5M6 12h5",
    /* latency */ "M2.5 2.5v11h11M4.5 10.5l2.5-3 2 1.8 4-5",
    /* conflicts */ "M3 13V9.5L8 6.5 13 9.5V13M8 6.5V3M6 4.8L8 2.8l2 2",
    /* connections */ "O4 8 1.8 O12 4 1.8 O12 12 1.8 M5.7 7.2l4.6-2.3M5.7 8.8l4.6 2.3",
    /* search */ "O7 7 4 M10 10l3.5 3.5",
    /* inspector */ "R2.5 3 11 10 1 M10 3v10",
    /* copy */ "R5.5 5.5 8 8 1 M10.5 5.5v-3h-8v8h3",
    /* filter */ "M2.5 3.5h11L9.5 8.5v4l-3-1.5V8.5z",
    /* close */ "M4.5 4.5l7 7M11.5 4.5l-7 7",
    /* chevron_left */ "M10 4l-4 4 4 4",
    /* chevron_right */ "M6 4l4 4-4 4",
    /* chevron_down */ "M4 6l4 4 4-4",
    /* play */ "F M5 3.5l7.5 4.5-7.5 4.5z",
    /* pause */ "F M4.5 3.5h2.5v9H4.5zM9 3.5h2.5v9H9z",
    /* follow */ "M2.5 8h7M7 4.5L10.5 8 7 11.5M13 3v10",
    /* step_back */ "S2 M4.5 3.5v9 F M12 3.5v9L6 8z",
    /* step_forward */ "S2 M11.5 3.5v9 F M4 12.5v-9l6 4.5z",
    /* arrow_in */ "S1.4 M6 1.5v8M2.7 6.5L6 9.8l3.3-3.3",
    /* arrow_out */ "S1.4 M6 10.5v-8M2.7 5.5L6 2.2l3.3 3.3",
    /* diagnosis */ "O7 7 4.3 M10.2 10.2L13.5 13.5M4.6 7h1.2l1-1.8 1 3.2.8-1.4h.9",
    /* profiler */ "S2 M2.5 4h11M2.5 8h7M11.5 8h2M2.5 12h3.5M8 12h3",
    /* sessions */ "M2.5 12.5v-9h4l1.5 2h5.5v7z",
    /* settings */ "M2.5 5h5.5M11.5 5h2M2.5 11h2M8 11h5.5 O9.7 5 1.7 O6.2 11 1.7",
    /* server */ "R2.5 3 11 4 1 R2.5 9 11 4 1 M5 5h.6M5 11h.6",
    /* file */ "M4 2.5h5l3.5 3.5v7.5H4zM9 2.5v3.5h3.5",
    /* drop */ "M8 2.5v7.5M5 7l3 3 3-3M2.5 11v2.5h11V11",
    /* plus */ "M8 3.5v9M3.5 8h9",
    /* recording */ "M3 8A5 5 0 1 0 4.6 4.3M4.4 1.8v2.7h2.7M6.8 5.8v4.4l3.5-2.2z",
    /* back */ "M6.5 3.5L3 7l3.5 3.5M3 7h6.5a3.5 3.5 0 0 1 0 7H8",
    /* flag */ "M4 14V2.5h8L10 5.5l2 3H4",
};
static_assert(std::size(icons) == static_cast<std::size_t>(Icon::Count));

struct Layer {
    const char* path;
    ImU32 Palette::*color;
    float alpha = 1.0F;
};

using Layers = std::vector<Layer>;

const Layers& mark_layers(Mark mark) {
    static const std::array<Layers, static_cast<std::size_t>(Mark::Count)> layers = {{
        /* ok */ {{"S1.7 M2 6.4l2.7 2.7L10 3.3", &Palette::ok}},
        /* applied */ {{"S1.4 M2 6.4l2.7 2.7L10 3.3", &Palette::t4}},
        /* attention */ {{"F M6 1.5L11.2 10.5H.8z", &Palette::attm}},
        /* error */ {{"F R1.5 1.5 9 9 1", &Palette::err}, {"S1.3 M4 4l4 4M8 4l-4 4", &Palette::ink}},
        /* conflict */ {{"F M6 .8L11.2 6 6 11.2 .8 6z", &Palette::con}},
        /* live */ {{"F O6 6 3", &Palette::live}, {"S1 O6 6 5", &Palette::live, 0.45F}},
        /* fresh */ {{"F O6 6 2.5", &Palette::live}},
        /* quiet */ {{"F O6 6 1.5", &Palette::line3}},
        /* idle */ {{"S1.2 O6 6 2.5", &Palette::t4}},
        /* info */ {{"S1.2 O6 6 4 M6 5.2v3M6 3.3v1", &Palette::t3}},
        /* unknown */
        {{"S1.2 O6 6 4.6 S1.1 M4.6 4.9C4.6 3.3 7.4 3.3 7.4 4.9 C7.4 5.9 6 5.9 6 7M6 8.2v.9", &Palette::t3}},
        /* duplicate */ {{"S1 R1.5 3.5 6.5 6.5 1 M4 3.5V1.5h6.5V8h-2", &Palette::t4}},
        /* superseded */ {{"S1.2 M2 4h6M2 8h8 S1 M1.5 4h7", &Palette::t4}},
        /* checking */ {{"S1.3 M6 1.5A4.5 4.5 0 1 1 1.5 6", &Palette::t3}},
        /* record */ {{"F O6 6 4", &Palette::err}},
        /* not_reached */ {{"S1.2 M3 6h6", &Palette::line3}},
        /* unconfirmed */ {{"S1.2 M6 1.8L10.8 10.2H1.2z", &Palette::attm}},
    }};
    return layers[static_cast<std::size_t>(mark)];
}

const Layers& task_layers(TaskMark mark) {
    static const std::array<Layers, static_cast<std::size_t>(TaskMark::Count)> layers = {{
        /* requested */ {{"S1.2 O6 6 4.5", &Palette::t2}},
        /* received */ {{"S1.2 O6 6 4.5 F O6 6 1.3", &Palette::t2}},
        /* accepted */ {{"S1.2 O6 6 4.5 F M6 6V3A3 3 0 0 1 9 6z", &Palette::t2}},
        /* in_progress */ {{"S1.2 O6 6 4.5 F M6 3A3 3 0 0 1 6 9z", &Palette::t2}},
        /* on_hold */ {{"S1.2 O6 6 4.5 M4.8 4.2v3.6M7.2 4.2v3.6", &Palette::t2}},
        /* completed */ {{"F O6 6 5", &Palette::t4}, {"S1.4 M3.6 6.2l1.7 1.7 3.2-3.5", &Palette::bg1}},
        /* cancelled */ {{"S1.2 O6 6 4.5 M3.8 8.2l4.4-4.4", &Palette::t4}},
        // Dashes as separate arcs: the draw list has no dash pattern.
        /* draft */
        {{"S1.2 M6 1.5A4.5 4.5 0 0 1 8.25 2.1 M9.9 3.75A4.5 4.5 0 0 1 10.5 6 M10.05 8A4.5 4.5 0 0 1 8.7 9.6 "
          "M7 10.4A4.5 4.5 0 0 1 5 10.4 M3.3 9.6A4.5 4.5 0 0 1 1.95 8 M1.5 6A4.5 4.5 0 0 1 2.1 3.75",
          &Palette::t4}},
        /* other */ {{"S1.2 O6 6 4.5", &Palette::t4}},
    }};
    return layers[static_cast<std::size_t>(mark)];
}

// Path data is literal and lives for ever, so its address is its key.
const Drawing& compiled(const char* path, float width) {
    struct Entry {
        const char* path;
        Drawing drawing;
    };
    static std::vector<Entry> cache = [] {
        std::vector<Entry> reserved;
        reserved.reserve(128);
        return reserved;
    }();
    for (const Entry& entry : cache)
        if (entry.path == path) return entry.drawing;
    cache.push_back({path, Parser(path, width).run()});
    return cache.back().drawing;
}

void draw_layers(ImDrawList& list, const Theme& theme, const Layers& layers, ImVec2 pos) {
    for (const Layer& layer : layers) {
        const ImU32 color = layer.alpha < 1 ? with_alpha(theme.c.*layer.color, layer.alpha) : theme.c.*layer.color;
        draw(list, compiled(layer.path, 1.2F), pos, theme.scale, color);
    }
}

} // namespace

void draw_icon(ImDrawList& list, const Theme& theme, Icon icon, ImVec2 pos, ImU32 color) {
    draw(list, compiled(icons[static_cast<std::size_t>(icon)], 1.3F), pos, theme.scale, color);
}

void draw_mark(ImDrawList& list, const Theme& theme, Mark mark, ImVec2 pos) {
    draw_layers(list, theme, mark_layers(mark), pos);
}

void draw_task_mark(ImDrawList& list, const Theme& theme, TaskMark mark, ImVec2 pos) {
    draw_layers(list, theme, task_layers(mark), pos);
}

void draw_priority_mark(ImDrawList& list, const Theme& theme, int rank, ImVec2 pos) {
    const float s = theme.scale;
    const ImVec2 origin(snap(pos.x), snap(pos.y));
    for (int i = 0; i < 4; ++i) {
        const auto at = static_cast<float>(i);
        list.AddRectFilled(ImVec2(origin.x + at * 3 * s, origin.y + (8 - at * 2) * s),
                           ImVec2(origin.x + (at * 3 + 2) * s, origin.y + 11 * s),
                           i < rank ? theme.c.t2 : theme.c.line2);
    }
}

void draw_marker(ImDrawList& list, const Theme& theme, Mark mark, ImVec2 center) {
    const float s = theme.scale;
    const ImVec2 c(snap(center.x), snap(center.y));
    switch (mark) {
        case Mark::Conflict: {
            const ImVec2 points[] = {
                {c.x, c.y - 4.5F * s}, {c.x + 4.5F * s, c.y}, {c.x, c.y + 4.5F * s}, {c.x - 4.5F * s, c.y}};
            list.AddConvexPolyFilled(points, 4, theme.c.con);
            break;
        }
        case Mark::Attention: {
            const ImVec2 points[] = {{c.x, c.y - 4 * s}, {c.x + 4.5F * s, c.y + 4 * s}, {c.x - 4.5F * s, c.y + 4 * s}};
            list.AddConvexPolyFilled(points, 3, theme.c.attm);
            break;
        }
        case Mark::Error:
            list.AddRectFilled(ImVec2(c.x - 3.5F * s, c.y - 3.5F * s), ImVec2(c.x + 3.5F * s, c.y + 3.5F * s),
                               theme.c.err);
            break;
        case Mark::Ok: {
            const ImVec2 tick[] = {
                {c.x - 4 * s, c.y + 0.5F * s}, {c.x - 1 * s, c.y + 3.5F * s}, {c.x + 4.5F * s, c.y - 3 * s}};
            list.AddPolyline(tick, 3, theme.c.ok, ImDrawFlags_None, 1.5F * s);
            break;
        }
        default:
            list.AddCircleFilled(c, 2.5F * s, theme.c.live, 10);
            break;
    }
}

} // namespace fhirscope::gui
