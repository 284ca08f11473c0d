#include "plots/channels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plots/csv.h"
#include "plots/series.h"
#include "plots/summary.h"
#include "sim/arena.h"

enum {
    SIDE,
    VERTEX, /* in the order of the series; strangers behind them */
    EDGE,
    SUBTASK,
    INDEX,
    KEYS
};

struct channel {
    uint32_t keys[KEYS];
};

struct map {
    const struct plt_summary *summary;
    char **vertices;
    uint32_t vertex_count;
    struct channel *channels; /* sorted once the first reading is over */
    uint32_t count;
    uint32_t capacity;
    uint32_t guess; /* where the channel of the next row probably is */
    double end_s;
    float *sums;       /* by channel and column: the sum of the samples */
    uint32_t *samples; /* and their number */
};

/* How the channels of one side share lines. */
struct layout {
    uint32_t first; /* index of the first channel of the side */
    uint32_t count;
    uint32_t per_line; /* channels of a line */
    uint32_t repeat;   /* lines of a channel */
};

enum {
    GAP_LINES = 2,
    WIDEST_REPEAT = 30,
};

static int compare(const void *left, const void *right)
{
    const struct channel *a = left;
    const struct channel *b = right;
    for (int i = 0; i < KEYS; i++) {
        if (a->keys[i] != b->keys[i]) {
            return a->keys[i] < b->keys[i] ? -1 : 1;
        }
    }
    return 0;
}

/* The number of a vertex by its name; a new one gets the next number. */
static uint32_t find_vertex(struct map *map, const char *name)
{
    for (uint32_t i = 0; i < map->vertex_count; i++) {
        if (strcmp(map->vertices[i], name) == 0) {
            return i;
        }
    }
    map->vertices = sim_realloc(map->vertices, map->vertex_count + 1, sizeof *map->vertices);
    char *copy = sim_alloc(strlen(name) + 1, 1);
    strcpy(copy, name);
    map->vertices[map->vertex_count] = copy;
    return map->vertex_count++;
}

static bool read_keys(struct map *map, const struct sim_csv *csv, struct channel *channel,
                      double *t_s, double *queued, struct sim_err *err)
{
    const char *side = csv->fields[3];
    if (strcmp(side, "in") != 0 && strcmp(side, "out") != 0) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, 1,
                              "expected 'in' or 'out' in field 4, found '%.100s'", side);
    }
    channel->keys[SIDE] = side[0] == 'i';
    if (!sim_csv_number(csv, 0, 0, 1e12, t_s, err) ||
        !sim_csv_index(csv, 2, UINT32_MAX - 1, &channel->keys[SUBTASK], err) ||
        !sim_csv_index(csv, 4, UINT32_MAX - 1, &channel->keys[EDGE], err) ||
        !sim_csv_index(csv, 5, UINT32_MAX - 1, &channel->keys[INDEX], err) ||
        !sim_csv_number(csv, 6, 0, 1e9, queued, err)) {
        return false;
    }
    channel->keys[VERTEX] = find_vertex(map, csv->fields[1]);
    return true;
}

static struct channel *search(struct map *map, const struct channel *channel)
{
    if (map->guess < map->count && compare(&map->channels[map->guess], channel) == 0) {
        return &map->channels[map->guess];
    }
    return bsearch(channel, map->channels, map->count, sizeof *channel, compare);
}

/* Rows come sample by sample, all channels each: what is new at the first time is all there is. */
static bool collect(struct map *map, const struct sim_csv *csv, double first_s, double *now_s,
                    struct sim_err *err)
{
    struct channel channel;
    double queued;
    double t_s;
    if (!read_keys(map, csv, &channel, &t_s, &queued, err)) {
        return false;
    }
    if (t_s < *now_s) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, 1,
                              "time goes back from %g to %g s", *now_s, t_s);
    }
    *now_s = t_s;
    if (t_s > first_s) {
        return true;
    }
    if (map->count == PLT_CHANNELS_LIMIT) {
        return sim_err_set_at(err, SIM_ERR_LIMIT, csv->path, csv->line, 1,
                              "more than %d channels: too many for a map", PLT_CHANNELS_LIMIT);
    }
    if (map->count == map->capacity) {
        map->capacity = map->capacity > 0 ? 2 * map->capacity : 64;
        map->channels = sim_realloc(map->channels, map->capacity, sizeof *map->channels);
    }
    map->channels[map->count++] = channel;
    return true;
}

static bool add_sample(struct map *map, const struct sim_csv *csv, struct sim_err *err)
{
    struct channel channel;
    double queued;
    double t_s;
    if (!read_keys(map, csv, &channel, &t_s, &queued, err)) {
        return false;
    }
    struct channel *found = search(map, &channel);
    if (!found) {
        return sim_err_set_at(err, SIM_ERR_INPUT, csv->path, csv->line, 1,
                              "a channel that the first sample does not have");
    }
    size_t at = (size_t)(found - map->channels);
    map->guess = (uint32_t)at + 1;
    double share = map->end_s > 0 ? t_s / map->end_s : 0;
    size_t column = share < 1 ? (size_t)(share * PLT_CHANNELS_COLUMNS) : PLT_CHANNELS_COLUMNS - 1;
    map->sums[at * PLT_CHANNELS_COLUMNS + column] += (float)queued;
    map->samples[at * PLT_CHANNELS_COLUMNS + column]++;
    return true;
}

static bool read_twice(struct map *map, const char *path, struct sim_err *err)
{
    for (int reading = 0; reading < 2; reading++) {
        struct sim_csv csv;
        if (!plt_csv_open(&csv, path, "t_s,vertex,subtask,side,edge,channel,queued", err)) {
            return false;
        }
        double first_s = 0;
        double now_s = 0;
        enum sim_csv_next next;
        while ((next = sim_csv_next(&csv, err)) == SIM_CSV_ROW) {
            if (csv.line == 2) {
                first_s = strtod(csv.fields[0], NULL);
            }
            if (reading == 0 ? !collect(map, &csv, first_s, &now_s, err)
                             : !add_sample(map, &csv, err)) {
                next = SIM_CSV_ERROR;
                break;
            }
        }
        sim_csv_close(&csv);
        if (next == SIM_CSV_ERROR) {
            return false;
        }
        if (reading == 0) {
            qsort(map->channels, map->count, sizeof *map->channels, compare);
            size_t cells = (size_t)map->count * PLT_CHANNELS_COLUMNS;
            map->sums = sim_alloc(cells, sizeof *map->sums);
            map->samples = sim_alloc(cells, sizeof *map->samples);
        }
    }
    return true;
}

/* The means of a channel over time; a column without a sample shows the one before. */
static void get_means(const struct map *map, uint32_t channel, double *means)
{
    const float *sums = map->sums + (size_t)channel * PLT_CHANNELS_COLUMNS;
    const uint32_t *samples = map->samples + (size_t)channel * PLT_CHANNELS_COLUMNS;
    double last = NAN;
    for (int column = 0; column < PLT_CHANNELS_COLUMNS; column++) {
        if (samples[column] > 0) {
            last = (double)sums[column] / samples[column];
        }
        means[column] = last;
    }
}

static void write_line(FILE *file, const double *values)
{
    for (int column = 0; column < PLT_CHANNELS_COLUMNS; column++) {
        fprintf(file, "%s%.4g", column > 0 ? " " : "", isnan(values[column]) ? -1 : values[column]);
    }
    putc('\n', file);
}

static bool is_same_group(const struct channel *a, const struct channel *b)
{
    return a->keys[VERTEX] == b->keys[VERTEX] && a->keys[EDGE] == b->keys[EDGE];
}

/* Whether the vertex of a channel has several edges on its side. */
static bool has_edges(const struct map *map, const struct layout *layout, const struct channel *of)
{
    for (uint32_t i = layout->first; i < layout->first + layout->count; i++) {
        if (map->channels[i].keys[VERTEX] == of->keys[VERTEX] &&
            map->channels[i].keys[EDGE] != of->keys[EDGE]) {
            return true;
        }
    }
    return false;
}

/* The vertex at the other end of a channel's edge; NULL when the summary does not know. */
static const char *other_end(const struct map *map, const struct channel *channel)
{
    const char *vertex = map->vertices[channel->keys[VERTEX]];
    bool is_out = channel->keys[SIDE] == 0;
    for (uint32_t i = 0; i < map->summary->edge_count; i++) {
        const struct plt_edge *edge = &map->summary->edges[i];
        if (strcmp(is_out ? edge->task : edge->to, vertex) == 0 &&
            (is_out ? edge->output : edge->gate) == channel->keys[EDGE]) {
            return is_out ? edge->to : edge->from;
        }
    }
    return NULL;
}

/* A label in fields, so that a chart can shorten the vertices' names and keep the rest: of one
 * channel, or (count > 0) of a group of so many. Returns whether it names the other end. */
static bool write_label(FILE *file, const struct map *map, const struct layout *layout,
                        const struct channel *channel, uint32_t count)
{
    bool is_out = channel->keys[SIDE] == 0;
    bool is_open = has_edges(map, layout, channel);
    const char *other = is_open ? other_end(map, channel) : NULL;
    putc('\t', file);
    plt_out_text(file, map->vertices[channel->keys[VERTEX]]);
    putc('\t', file);
    plt_out_text(file, other != NULL ? other : "-");
    putc('\t', file);
    if (is_open && other == NULL) {
        fprintf(file, "(%s %u) ", is_out ? "edge" : "gate", (unsigned)channel->keys[EDGE]);
    }
    if (count == 0) {
        fprintf(file, "%u %s %u\n", (unsigned)channel->keys[SUBTASK],
                is_out ? "\xe2\x86\x92" : "\xe2\x86\x90", (unsigned)channel->keys[INDEX]);
    } else {
        fprintf(file, "\xc3\x97%u\n", (unsigned)count);
    }
    return other != NULL;
}

/* The lines of channels [first, end) of one group; returns how many. */
static uint32_t write_group(FILE *raster, const struct map *map, const struct layout *layout,
                            uint32_t first, uint32_t end, double *most)
{
    double line[PLT_CHANNELS_COLUMNS];
    double means[PLT_CHANNELS_COLUMNS];
    uint32_t lines = 0;
    for (uint32_t at = first; at < end; at += layout->per_line) {
        get_means(map, at, line);
        for (uint32_t other = at + 1; other < end && other < at + layout->per_line; other++) {
            get_means(map, other, means);
            for (int column = 0; column < PLT_CHANNELS_COLUMNS; column++) {
                line[column] = fmax(line[column], means[column]);
            }
        }
        for (int column = 0; column < PLT_CHANNELS_COLUMNS; column++) {
            *most = fmax(*most, line[column]);
        }
        for (uint32_t i = 0; i < layout->repeat; i++) {
            write_line(raster, line);
        }
        lines += layout->repeat;
    }
    return lines;
}

static void write_raster(FILE *raster, FILE *labels, const struct map *map,
                         const struct layout *layout, struct plt_raster *result)
{
    double gap[PLT_CHANNELS_COLUMNS];
    for (int column = 0; column < PLT_CHANNELS_COLUMNS; column++) {
        gap[column] = NAN;
    }
    fputs("line\tvertex\tother\trest\n", labels);
    uint32_t end = layout->first + layout->count;
    for (uint32_t first = layout->first, next; first < end; first = next) {
        next = first + 1;
        while (next < end && is_same_group(&map->channels[first], &map->channels[next])) {
            next++;
        }
        for (int i = 0; i < GAP_LINES && first > layout->first; i++) {
            write_line(raster, gap);
            result->lines++;
        }
        uint32_t lines = write_group(raster, map, layout, first, next, &result->most);
        if (layout->count <= PLT_CHANNELS_NAMED_LIMIT) {
            for (uint32_t at = first; at < next; at++) {
                fprintf(labels, "%.6g", result->lines + (at - first + 0.5) * layout->repeat - 0.5);
                result->has_others |= write_label(labels, map, layout, &map->channels[at], 0);
            }
        } else {
            fprintf(labels, "%.6g", result->lines + 0.5 * lines - 0.5);
            result->has_others |=
                write_label(labels, map, layout, &map->channels[first], next - first);
        }
        result->lines += lines;
    }
}

static bool write_side(const struct map *map, uint32_t side, const char *directory,
                       struct plt_raster *result, struct sim_err *err)
{
    struct layout layout = {.per_line = 1, .repeat = 1};
    while (layout.first < map->count && map->channels[layout.first].keys[SIDE] != side) {
        layout.first++;
    }
    while (layout.first + layout.count < map->count &&
           map->channels[layout.first + layout.count].keys[SIDE] == side) {
        layout.count++;
    }
    *result = (struct plt_raster){.channels = layout.count, .channels_per_line = 1};
    if (layout.count == 0) {
        return true;
    }
    if (layout.count > PLT_CHANNELS_LINES) {
        layout.per_line = (layout.count + PLT_CHANNELS_LINES - 1) / PLT_CHANNELS_LINES;
    } else {
        layout.repeat = PLT_CHANNELS_LINES / layout.count;
        layout.repeat = layout.repeat > WIDEST_REPEAT ? WIDEST_REPEAT : layout.repeat;
    }
    result->channels_per_line = layout.per_line;
    struct plt_out raster;
    struct plt_out labels;
    if (!plt_out_open(&raster, directory, side == 0 ? "channels-out.dat" : "channels-in.dat",
                      err)) {
        return false;
    }
    if (!plt_out_open(&labels, directory,
                      side == 0 ? "channels-out-labels.tsv" : "channels-in-labels.tsv", err)) {
        fclose(raster.file);
        return false;
    }
    write_raster(raster.file, labels.file, map, &layout, result);
    bool is_closed = plt_out_close(&raster, err);
    return plt_out_close(&labels, is_closed ? err : NULL) && is_closed;
}

bool plt_channels_write(const struct plt_channels *from, const char *directory,
                        struct plt_raster sides[2], struct sim_err *err)
{
    struct map map = {.summary = from->summary, .end_s = plt_series_end(from->series)};
    for (uint32_t i = 0; i < plt_series_count(from->series, false); i++) {
        find_vertex(&map, plt_series_name(from->series, false, i));
    }
    bool is_done = read_twice(&map, from->path, err);
    for (uint32_t side = 0; side < 2 && is_done; side++) {
        is_done = write_side(&map, side, directory, &sides[side], err);
    }
    for (uint32_t i = 0; i < map.vertex_count; i++) {
        free(map.vertices[i]);
    }
    free(map.vertices);
    free(map.channels);
    free(map.sums);
    free(map.samples);
    return is_done;
}
