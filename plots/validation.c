#include "plots/validation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/draw.h"

/* The panels of the chart, from the top. */
static const struct {
    const char *metric;
    const char *title;
} panels[] = {
    {"numRecordsOut", "records/s out"},       {"numRecordsIn", "records/s in"},
    {"outPoolUsage", "outPoolUsage"},         {"inPoolUsage", "inPoolUsage"},
    {"latencyMs.mean", "latency (ms): mean"}, {"latencyMs.p99", "latency (ms): p99 of a second"},
};

#define PANEL_COUNT (sizeof panels / sizeof panels[0])

static int panel_of(const struct study_track *track)
{
    for (size_t i = 0; i < PANEL_COUNT; i++) {
        if (strcmp(panels[i].metric, track->metric) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* Vertices are numbered in the order of their first tracks. */
static size_t vertex_of(const struct study_validation *validation, size_t track)
{
    size_t vertex = 0;

    for (size_t i = 0; i < track; i++) {
        if (strcmp(validation->tracks[i].vertex, validation->tracks[track].vertex) == 0) {
            return vertex_of(validation, i);
        }
    }
    for (size_t i = 0; i < track; i++) {
        bool is_first = true;

        for (size_t j = 0; j < i; j++) {
            is_first =
                is_first && strcmp(validation->tracks[j].vertex, validation->tracks[i].vertex) != 0;
        }
        vertex += is_first ? 1 : 0;
    }
    return vertex;
}

static void write_number(FILE *file, double value)
{
    if (isfinite(value)) {
        fprintf(file, "\t%.10g", value);
    } else {
        fputc('\t', file);
    }
}

static bool write_track(const struct study_validation *validation, size_t index,
                        const char *directory, struct sim_err *err)
{
    const struct study_track *track = &validation->tracks[index];
    struct plt_out out;
    char name[64];

    snprintf(name, sizeof name, "recorded-%zu.tsv", index);
    if (!plt_out_open(&out, directory, name, err)) {
        return false;
    }
    fputs("t_s\trecorded\n", out.file);
    for (size_t i = 0; i < track->recorded_count; i++) {
        fprintf(out.file, "%.10g", track->recorded_seconds[i]);
        write_number(out.file, track->recorded[i]);
        fputc('\n', out.file);
    }
    if (!plt_out_close(&out, err)) {
        return false;
    }
    snprintf(name, sizeof name, "simulated-%zu.tsv", index);
    if (!plt_out_open(&out, directory, name, err)) {
        return false;
    }
    fputs("t_s\tleast\tmedian\tmost\n", out.file);
    for (size_t i = 0; i < track->simulated_count; i++) {
        double least = NAN;
        double most = NAN;

        for (uint32_t s = 0; s < validation->seeds; s++) {
            least = fmin(least, track->simulated[i * validation->seeds + s]);
            most = fmax(most, track->simulated[i * validation->seeds + s]);
        }
        fprintf(out.file, "%.10g", track->simulated_seconds[i]);
        write_number(out.file, least);
        write_number(out.file, track->median[i]);
        write_number(out.file, most);
        fputc('\n', out.file);
    }
    return plt_out_close(&out, err);
}

/* What there is to draw: tracks.tsv. */
static bool write_index(const struct study_validation *validation, const char *directory,
                        struct sim_err *err)
{
    struct plt_out out;

    if (!plt_out_open(&out, directory, "tracks.tsv", err)) {
        return false;
    }
    fputs("track\tpanel\tpanel_title\tvertex\tvertex_name\tcase\tseeds\n", out.file);
    for (size_t i = 0; i < validation->track_count; i++) {
        int panel = panel_of(&validation->tracks[i]);

        if (panel >= 0) {
            fprintf(out.file, "%zu\t%d\t", i, panel);
            plt_out_text(out.file, panels[panel].title);
            fprintf(out.file, "\t%zu\t", vertex_of(validation, i));
            plt_out_text(out.file, validation->tracks[i].vertex);
            fputc('\t', out.file);
            plt_out_text(out.file, validation->name);
            fprintf(out.file, "\t%u\n", (unsigned)validation->seeds);
        }
    }
    return plt_out_close(&out, err);
}

bool plt_validation(const struct study_validation *validation, const char *directory,
                    unsigned terminals, struct sim_text *notes, struct sim_err *err)
{
    char data[1024];

    if (!plt_path(data, sizeof data, directory, "data", err) || !plt_make_folders(data, err) ||
        !write_index(validation, data, err)) {
        return false;
    }
    for (size_t i = 0; i < validation->track_count; i++) {
        if (!write_track(validation, i, data, err)) {
            return false;
        }
    }
    if (validation->track_count == 0) {
        sim_text_add(notes, "%s: no chart, the recording has no series\n", validation->name);
        return true;
    }
    return plt_draw_script("validation", directory, terminals, notes, err);
}
