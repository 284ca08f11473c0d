#include "plots/feed.h"

#include <string.h>
#include <unistd.h>

#include "plots/channels.h"
#include "plots/csv.h"
#include "plots/latency.h"
#include "plots/series.h"
#include "plots/summary.h"

struct facts {
    struct plt_summary summary;
    double end_s;
    struct plt_raster sides[2];
    uint32_t latency_vertices;
};

static bool has_file(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Without a name in the summary the folder's own name must do. */
static void choose_title(const char *result, char *title, size_t size)
{
    if (title[0] != '\0') {
        return;
    }
    char path[1024];
    if (strcmp(result, ".") != 0 || !getcwd(path, sizeof path)) {
        snprintf(path, sizeof path, "%s", result);
    }
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    const char *slash = strrchr(path, '/');
    snprintf(title, size, "%.*s", (int)size - 1, slash && slash[1] != '\0' ? slash + 1 : path);
}

static bool write_run(const struct facts *facts, const struct plt_feed *feed, const char *directory,
                      struct sim_err *err)
{
    struct plt_out out;
    if (!plt_out_open(&out, directory, "run.tsv", err)) {
        return false;
    }
    fputs("key\tvalue\ntitle\t", out.file);
    plt_out_text(out.file, facts->summary.title);
    fputs("\ncaption\t", out.file);
    /* An empty last field is read as anything but empty. */
    plt_out_text(out.file, facts->summary.caption[0] ? facts->summary.caption : "-");
    fputs("\nverdict\t", out.file);
    plt_out_text(out.file, facts->summary.verdict[0] ? facts->summary.verdict : "-");
    fprintf(out.file,
            "\nend_s\t%.9g\nwarmup_s\t%.9g\nlatency_vertices\t%u\nvertices\t%u\n"
            "task_managers\t%u\n",
            facts->end_s, facts->summary.warm_up_s, (unsigned)facts->latency_vertices,
            (unsigned)feed->vertices, (unsigned)feed->task_managers);
    for (int side = 0; side < 2; side++) {
        const struct plt_raster *raster = &facts->sides[side];
        const char *name = side == 0 ? "out" : "in";
        fprintf(out.file, "%s_channels\t%u\n%s_lines\t%u\n%s_per_line\t%u\n%s_most\t%.6g\n", name,
                (unsigned)raster->channels, name, (unsigned)raster->lines, name,
                (unsigned)raster->channels_per_line, name, raster->most);
    }
    fprintf(out.file, "channel_ends\t%d\n",
            facts->sides[0].has_others || facts->sides[1].has_others);
    return plt_out_close(&out, err);
}

/* channels.csv, where there is one. */
static bool feed_channels(const char *result, const char *directory,
                          const struct plt_series *series, struct facts *facts, struct sim_err *err)
{
    char path[1024];
    const struct plt_channels from = {path, series, &facts->summary};
    return plt_path(path, sizeof path, result, "channels.csv", err) &&
           (!has_file(path) || plt_channels_write(&from, directory, facts->sides, err));
}

static bool feed_series(const char *result, const char *directory, struct plt_feed *feed,
                        struct facts *facts, struct sim_err *err)
{
    char path[1024];
    if (!plt_path(path, sizeof path, result, "series.csv", err)) {
        return false;
    }
    struct plt_series *series = plt_series_read(path, err);
    if (!series) {
        return false;
    }
    facts->end_s = plt_series_end(series);
    feed->vertices = plt_series_count(series, false);
    feed->task_managers = plt_series_count(series, true);
    for (uint32_t i = 0; i < feed->vertices; i++) {
        feed->has_usages |= plt_series_has(series, false, i, PLT_OUT_USAGE) ||
                            plt_series_has(series, false, i, PLT_IN_USAGE);
        feed->has_buffers |= plt_series_has(series, false, i, PLT_OUT_USED) ||
                             plt_series_has(series, false, i, PLT_IN_HELD);
    }
    bool is_done = plt_series_write(series, directory, err) &&
                   feed_channels(result, directory, series, facts, err);
    plt_series_destroy(series);
    return is_done;
}

static bool feed_all(const char *result, const char *directory, struct plt_feed *feed,
                     struct facts *facts, struct sim_err *err)
{
    char path[1024];
    return feed_series(result, directory, feed, facts, err) &&
           plt_path(path, sizeof path, result, "latency.csv", err) &&
           (!has_file(path) || plt_latency_write(path, directory, &facts->latency_vertices, err)) &&
           write_run(facts, feed, directory, err);
}

bool plt_feed(const char *result, const char *directory, struct plt_feed *feed, struct sim_err *err)
{
    struct facts facts = {0};
    struct plt_feed found = {0};
    char path[1024];
    if (!plt_path(path, sizeof path, result, "summary.json", err)) {
        return false;
    }
    plt_summary_read(path, &facts.summary);
    choose_title(result, facts.summary.title, sizeof facts.summary.title);
    bool is_done = feed_all(result, directory, &found, &facts, err);
    plt_summary_finish(&facts.summary);
    if (!is_done) {
        return false;
    }
    found.has_channels = facts.sides[0].channels + facts.sides[1].channels > 0;
    found.has_latency = facts.latency_vertices > 0;
    *feed = found;
    return true;
}
