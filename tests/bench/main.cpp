// fhirscope_bench NAME [--json]

#include "bench.hpp"
#include "bench_frame.hpp"
#include "fhir/json.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

using namespace fhirscope::bench;

namespace {

void print_json(const Figure& f) {
    std::printf(
        "{\"name\":%s,\"figure\":%.4g,\"reference\":%.4g,\"ratio\":%.3f,\"unit\":%s,\"reference_is\":%s,\"parts\":{",
        fhirscope::fhir::quote(f.name).c_str(), f.figure, f.reference, f.ratio, fhirscope::fhir::quote(f.unit).c_str(),
        fhirscope::fhir::quote(f.reference_is).c_str());
    for (std::size_t i = 0; i < f.parts.size(); ++i)
        std::printf("%s%s:%.4g", i ? "," : "", fhirscope::fhir::quote(f.parts[i].first).c_str(), f.parts[i].second);
    std::printf("}}\n");
}

void print_text(const Figure& f) {
    std::printf("%s: %.4g %s; %s: %.4g; ratio %.3f\n", f.name.c_str(), f.figure, f.unit.c_str(), f.reference_is.c_str(),
                f.reference, f.ratio);
    for (const auto& [name, value] : f.parts) std::printf("  %-44s %.4g\n", name.c_str(), value);
}

Figure frame_figure() {
    const FrameFigure measured = measure_frames();
    Figure figure;
    figure.name = "frame";
    figure.unit = "µs of CPU, the slowest view, mean of live frames";
    figure.reference_is = "Dear ImGui's demo window";
    // Every figure of a view is a multiple of the demo window's. The slowest counts, by its mean, which hides nothing
    // that happens only a few times a second.
    const auto add = [&](const std::vector<FramePart>& parts, const std::string& rows, bool counts) {
        for (const FramePart& part : parts) {
            for (const auto& [how, cost] : {std::pair{", still", part.still}, std::pair{", live", part.live}}) {
                figure.parts.emplace_back(part.view + rows + how + ", median ×", cost.times());
                figure.parts.emplace_back(part.view + rows + how + ", mean ×", cost.times_mean());
                if (counts && cost.times_mean() > figure.ratio) {
                    figure.ratio = cost.times_mean();
                    figure.figure = cost.mean;
                    figure.reference = cost.demo_mean;
                }
            }
        }
    };
    add(measured.large, ", 1 000 000 rows", true);
    add(measured.small, ", 100 000 rows", false);
    double growth = 0;
    for (std::size_t i = 0; i < measured.large.size(); ++i)
        growth = std::max(growth, measured.large[i].live.times_mean() / measured.small[i].live.times_mean());
    figure.parts.emplace_back("live mean, 1 000 000 rows to 100 000, the most ×", growth);
    figure.parts.emplace_back("the demo window with its sections open ×", measured.demo_open.times());
    figure.parts.emplace_back("the demo window as it opens, median µs", measured.demo_open.demo_median);
    return figure;
}

} // namespace

int main(int argc, char** argv) {
    const std::string_view name = argc > 1 ? argv[1] : "";
    const bool json = argc > 2 && std::string_view(argv[2]) == "--json";
    Figure figure;
    if (name == "pipeline")
        figure = pipeline();
    else if (name == "end-to-end")
        figure = end_to_end();
    else if (name == "frame")
        figure = frame_figure();
    else if (name == "recording")
        figure = recording();
    else if (name == "replay")
        figure = replay();
    else if (name == "process")
        figure = process();
    else
        return std::fprintf(stderr,
                            "usage: fhirscope_bench pipeline|end-to-end|frame|process|recording|replay [--json]\n"),
               2;
    json ? print_json(figure) : print_text(figure);
    return 0;
}
