#include "gui/window/screen_text.hpp"

#include "fhir/harmless.hpp"
#include "files/regular_file.hpp"

#include <fcntl.h>
#include <imgui_internal.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <unordered_map>

namespace fhirscope::gui {

namespace {

struct Glyph {
    const ImFont* font;
    const ImFontGlyph* shape;
};

std::uint64_t place(float u, float v) {
    return std::uint64_t{std::bit_cast<std::uint32_t>(u)} << 32 | std::bit_cast<std::uint32_t>(v);
}

class Reader {
public:
    explicit Reader(const ImFontAtlas& fonts) {
        for (const ImFont* font : fonts.Fonts) {
            for (const ImFontGlyph& glyph : font->Glyphs)
                if (glyph.Visible) glyphs_.emplace(place(glyph.U0, glyph.V0), Glyph{font, &glyph});
        }
    }

    void read(const ImDrawList& list, const ImDrawCmd& command) {
        if (command.UserCallback != nullptr) return;
        const ImDrawIdx* at = list.IdxBuffer.Data + command.IdxOffset;
        const ImDrawIdx* const end = at + command.ElemCount;
        const ImDrawVert* const vertices = list.VtxBuffer.Data + command.VtxOffset;
        const ImRect clip(command.ClipRect);
        while (end - at >= 3) {
            const bool quad = end - at >= 6 && at[1] == at[0] + 1 && at[2] == at[0] + 2 && at[3] == at[0] &&
                              at[4] == at[2] && at[5] == at[0] + 3;
            if (quad && letter(vertices[at[0]], vertices[at[2]], clip)) {
                at += 6;
            } else {
                cover(vertices[at[0]], vertices[at[1]], vertices[at[2]], clip);
                at += 3;
            }
        }
    }

    std::vector<ScreenText> take() {
        end_text();
        return std::move(texts_);
    }

private:
    // True when the quad is a glyph of a font.
    bool letter(const ImDrawVert& first, const ImDrawVert& last, const ImRect& clip) {
        const auto found = glyphs_.find(place(first.uv.x, first.uv.y));
        if (found == glyphs_.end() || found->second.shape->U1 != last.uv.x || found->second.shape->V1 != last.uv.y)
            return false;
        const auto& [font, glyph] = found->second;
        const ImRect box(first.pos, last.pos);
        if (!clip.Contains(box.GetCenter()) || (first.col & IM_COL32_A_MASK) == 0) return true;
        const float pen = first.pos.x - glyph->X0;
        const float line = first.pos.y - glyph->Y0;
        const float spaces = (pen - pen_) / std::max(1.0F, font->GetCharAdvance(' '));
        if (font != font_ || std::abs(line - text_.rect.y) > 0.5F || spaces < -0.5F || spaces > 1.5F) {
            end_text();
            font_ = font;
            text_.rect = {pen, line, 0, font->FontSize};
        } else if (spaces > 0.5F) {
            text_.text += ' ';
        }
        char utf8[5];
        text_.text += ImTextCharToUtf8(utf8, glyph->Codepoint);
        pen_ = pen + glyph->AdvanceX;
        text_.rect.w = pen_ - text_.rect.x;
        return true;
    }

    // What lies below an opaque triangle cannot be read any more. Lines and marks are too small to cover a text.
    void cover(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c, const ImRect& clip) {
        constexpr float small = 200;
        const bool opaque = (a.col & b.col & c.col & IM_COL32_A_MASK) == IM_COL32_A_MASK;
        if (!opaque || std::abs(ImTriangleArea(a.pos, b.pos, c.pos)) < small) return;
        end_text();
        std::erase_if(texts_, [&](const ScreenText& text) {
            const ImVec2 centre(text.rect.x + text.rect.w / 2, text.rect.y + text.rect.h / 2);
            return clip.Contains(centre) && ImTriangleContainsPoint(a.pos, b.pos, c.pos, centre);
        });
    }

    void end_text() {
        if (font_ != nullptr) texts_.push_back(std::move(text_));
        font_ = nullptr;
        text_ = {};
    }

    std::unordered_map<std::uint64_t, Glyph> glyphs_;
    std::vector<ScreenText> texts_;
    ScreenText text_; // that is being read, in font_
    const ImFont* font_ = nullptr;
    float pen_ = 0;
};

} // namespace

std::vector<ScreenText> screen_text(const ImDrawData& drawn, const ImFontAtlas& fonts) {
    Reader reader(fonts);
    for (const ImDrawList* list : drawn.CmdLists)
        for (const ImDrawCmd& command : list->CmdBuffer) reader.read(*list, command);
    return reader.take();
}

Result<void> write_screen_text(const std::filesystem::path& file, std::uint64_t frame, const ImDrawData& drawn,
                               const ImFontAtlas& fonts) {
    const auto whole = [](float length) { return std::to_string(std::lround(length)); };
    std::string lines = "frame\t" + std::to_string(frame) + '\t' + whole(drawn.DisplaySize.x) + '\t' +
                        whole(drawn.DisplaySize.y) + '\n';
    for (const auto& [rect, text] : screen_text(drawn, fonts)) {
        lines += whole(rect.x) + '\t' + whole(rect.y) + '\t' + whole(rect.w) + '\t' + whole(rect.h) + '\t' +
                 fhir::harmless(text) + '\n';
    }
    if (auto may = files::check_may_write(file); !may) return fail(ErrorCode::Write, may.error().message);
    const std::string fresh = file.string() + ".part";
    const int descriptor =
        ::open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    const bool written =
        descriptor >= 0 && ::write(descriptor, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size());
    const bool closed = descriptor >= 0 && ::close(descriptor) == 0;
    if (!written || !closed || ::rename(fresh.c_str(), file.c_str()) != 0)
        return fail(ErrorCode::Write, file.string() + " cannot be written: " + std::strerror(errno) + ".");
    return {};
}

} // namespace fhirscope::gui
