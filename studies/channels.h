#ifndef STUDIES_CHANNELS_H
#define STUDIES_CHANNELS_H
/*
 * channels.csv: how many buffers are queued in every channel, at a fixed interval.
 *
 * A recording has it once a second. For a picture more is better, as long as the file stays small:
 * the interval is shortened while there are few instants, and lengthened while there would be too
 * many rows.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "models/world.h"
#include "sim/time.h"

/* Rows of the file at most, where the interval can be chosen freely. */
#define STUDY_CHANNELS_MAX_ROWS 2000000u

/* Above this many channels there is no map. */
#define STUDY_CHANNELS_MAX 100000u

/*
 * The interval for `channels` channels over `duration`: a whole part or multiple of a second (a
 * second when `is_fixed`); 0 when there are no channels or too many.
 */
sim_time study_channels_interval(sim_time duration, uint32_t channels, bool is_fixed);

/* Write the header. */
void study_channels_begin(FILE *out);

/* Write one row a channel. Errors stay on the file (ferror). */
void study_channels_write(FILE *out, const struct net_spec *spec, const struct net_world *world,
                          sim_time now, sim_time interval);

#endif
