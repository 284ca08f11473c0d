#include "studies/validate_tracks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"

/* Counters are drawn as rates. */
static const char *const metrics[] = {"numRecordsIn", "numRecordsOut",  "outPoolUsage",
                                      "inPoolUsage",  "latencyMs.mean", "latencyMs.p99"};

#define SHIFT_STEP_S 0.01
#define METRIC_COUNT (sizeof metrics / sizeof metrics[0])

static bool is_counter(const char *metric)
{
    return strncmp(metric, "num", 3) == 0;
}

/* The recorded series of all subtasks as one: sums of counters, means of anything else. The
 * subtasks were sampled one after the other; the time is that of the first. */
static void fill_recorded(struct study_track *track, const struct study_recording *recording,
                          uint32_t parallelism, struct sim_arena *arena)
{
    const struct study_recorded_series *first =
        study_recording_series(recording, track->vertex, 0, track->metric);
    size_t count = first->count;
    double before = 0;

    for (uint32_t s = 1; s < parallelism; s++) {
        const struct study_recorded_series *series =
            study_recording_series(recording, track->vertex, s, track->metric);

        if (series != NULL && series->count < count) {
            count = series->count;
        }
    }
    track->recorded_seconds = sim_arena_alloc(arena, count, sizeof *track->recorded_seconds);
    track->recorded = sim_arena_alloc(arena, count, sizeof *track->recorded);
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        uint32_t present = 0;

        for (uint32_t s = 0; s < parallelism; s++) {
            const struct study_recorded_series *series =
                study_recording_series(recording, track->vertex, s, track->metric);

            if (series != NULL) {
                sum += series->values[i];
                present++;
            }
        }
        track->recorded_seconds[i] = first->seconds[i];
        if (is_counter(track->metric)) {
            track->recorded[i] =
                i > 0 ? (sum - before) / (first->seconds[i] - first->seconds[i - 1]) : NAN;
            before = sum;
        } else {
            track->recorded[i] = sum / present;
        }
    }
    track->recorded_count = count;
}

static void add_track(struct study_validation *validation,
                      const struct study_validate_params *params, const char *vertex,
                      const char *metric, size_t instants)
{
    struct study_track *track = &validation->tracks[validation->track_count];
    size_t values = instants * validation->seeds;

    *track = (struct study_track){.vertex = sim_arena_strdup(validation->arena, vertex),
                                  .metric = metric,
                                  .simulated_count = instants};
    track->simulated_seconds = sim_arena_alloc(validation->arena, instants, sizeof(double));
    track->simulated = sim_arena_alloc(validation->arena, values, sizeof(double));
    track->median = sim_arena_alloc(validation->arena, instants, sizeof(double));
    for (size_t i = 0; i < instants; i++) {
        track->simulated_seconds[i] = (double)i * ((double)params->spec->run.sample / 1e9);
    }
    for (size_t i = 0; i < values; i++) {
        track->simulated[i] = NAN;
    }
    validation->track_count++;
}

bool study_tracks_init(struct study_validation *validation,
                       const struct study_validate_params *params, struct sim_err *err)
{
    const struct net_spec *spec = params->spec;
    sim_time instants = spec->run.duration / spec->run.sample + 1;
    size_t most = spec->vertex_count * METRIC_COUNT;

    validation->tracks = sim_arena_alloc(validation->arena, most, sizeof *validation->tracks);
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        const struct net_vertex_spec *vertex = &spec->vertices[v];

        for (size_t m = 0; m < METRIC_COUNT; m++) {
            const struct study_recorded_series *first =
                study_recording_series(params->recording, vertex->name, 0, metrics[m]);

            if (first == NULL || first->count == 0) {
                continue;
            }
            if ((double)instants * (double)validation->seeds *
                    (double)(validation->track_count + 1) >
                STUDY_TRACKS_MAX_VALUES) {
                return sim_err_set(err, SIM_ERR_LIMIT,
                                   "the series of all seeds would have more than %u values; take "
                                   "fewer seeds or a longer run.sample",
                                   STUDY_TRACKS_MAX_VALUES);
            }
            add_track(validation, params, vertex->name, metrics[m], (size_t)instants);
            fill_recorded(&validation->tracks[validation->track_count - 1], params->recording,
                          vertex->parallelism, validation->arena);
        }
    }
    return true;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;

    return (a > b) - (a < b);
}

/* Of the values that are there; `sorted` has room for all. */
static double median_of(const double *values, uint32_t count, double *sorted)
{
    uint32_t present = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!isnan(values[i])) {
            sorted[present++] = values[i];
        }
    }
    if (present == 0) {
        return NAN;
    }
    qsort(sorted, present, sizeof *sorted, compare_doubles);
    return (sorted[(present - 1) / 2] + sorted[present / 2]) / 2;
}

void study_tracks_take_medians(struct study_validation *validation)
{
    double *sorted = sim_alloc(validation->seeds, sizeof *sorted);

    for (size_t t = 0; t < validation->track_count; t++) {
        struct study_track *track = &validation->tracks[t];

        for (size_t i = 0; i < track->simulated_count; i++) {
            track->median[i] =
                median_of(&track->simulated[i * validation->seeds], validation->seeds, sorted);
        }
    }
    free(sorted);
}

/* The median at any time, on a straight line between two instants. */
static double median_at(const struct study_track *track, double seconds)
{
    const double *times = track->simulated_seconds;
    size_t last = track->simulated_count - 1;
    double step = last > 0 ? times[1] : 1;
    double place = seconds / step;
    size_t low;

    if (place <= 0 || last == 0) {
        return track->median[0];
    }
    if (place >= (double)last) {
        return track->median[last];
    }
    low = (size_t)place;
    return track->median[low] +
           (place - (double)low) * (track->median[low + 1] - track->median[low]);
}

/* Share of the recorded samples within `tolerance` of the median, when that is `shift` late. */
static double share_at(const struct study_track *track, double tolerance, double shift)
{
    size_t within = 0;

    for (size_t i = 0; i < track->recorded_count; i++) {
        double median = median_at(track, track->recorded_seconds[i] - shift);

        within += fabs(track->recorded[i] - median) <= tolerance + 1e-9 ? 1 : 0;
    }
    return (double)within / (double)track->recorded_count;
}

double study_track_share_within(const struct study_track *track, double tolerance, double shift_s)
{
    int steps = (int)(shift_s / SHIFT_STEP_S + 0.5);
    double best = 0;

    if (track->recorded_count == 0 || track->simulated_count == 0) {
        return 0;
    }
    for (int i = -steps; i <= steps; i++) {
        best = fmax(best, share_at(track, tolerance, i * SHIFT_STEP_S));
    }
    return best;
}
