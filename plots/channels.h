#ifndef PLOTS_CHANNELS_H
#define PLOTS_CHANNELS_H
/*
 * The channel map: how many buffers are queued in every channel over time (channels.csv), as a
 * raster that a heat map can show.
 *
 * One raster a side: `out` holds subpartitions, `in` holds input channels. Channels stand in groups
 * (vertex, edge), in them by subtask and channel. Few channels get several raster lines each; many
 * share a line, which then shows the fullest one of them, so that a single full channel is not
 * averaged away. A column is a span of time; it shows the mean of its samples.
 */
#include <stdbool.h>
#include <stdint.h>

#include "sim/error.h"

struct plt_series;
struct plt_summary;

enum {
    PLT_CHANNELS_COLUMNS = 400,
    PLT_CHANNELS_LINES = 180,      /* of a raster, at most, without the gaps between groups */
    PLT_CHANNELS_LIMIT = 100000,   /* channels on both sides together */
    PLT_CHANNELS_NAMED_LIMIT = 32, /* up to as many channels are named one by one */
};

/* What came out, for one side. */
struct plt_raster {
    uint32_t channels; /* 0: nothing was written */
    uint32_t lines;
    uint32_t channels_per_line; /* at most; 1 when every channel has a line of its own */
    double most;                /* the largest value in the raster */
    bool has_others;            /* some labels name the other end */
};

/* What a map is made from. */
struct plt_channels {
    const char *path; /* of channels.csv */
    const struct plt_series *series;
    const struct plt_summary *summary; /* the exchanges' other ends; may know of none */
};

/*
 * Read channels.csv and write into `directory`: channels-out.dat and channels-in.dat
 * (lines of PLT_CHANNELS_COLUMNS numbers, the first line at the top, -1 where there is nothing),
 * and for each channels-SIDE-labels.tsv (line, vertex, other, rest) with the lines at which a label
 * belongs; `other` is the vertex at the other end where the first alone leaves the exchange open,
 * else "-". `end_s` is the right end of the raster; 0 takes the last sample's time. sides[0] is
 * `out`.
 */
bool plt_channels_write(const struct plt_channels *from, const char *directory,
                        struct plt_raster sides[2], struct sim_err *err);

#endif
