/* A recording without summary.csv: the same numbers from its series. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/stats.h"
#include "studies/recording.h"
#include "studies/recording_index.h"

/* Counters of Flink's begin so; what matters of them is how fast they grow. */
static bool is_counter(const char *metric)
{
    return strncmp(metric, "num", 3) == 0;
}

/* The series of the same metric of all subtasks of a vertex, in order; NULL where there is none. */
static uint32_t gather(const struct study_recording *recording,
                       const struct study_recorded_series *first,
                       const struct study_recorded_series **all, uint32_t most)
{
    uint32_t count = 0;

    for (size_t i = 0; i < recording->series_count && count < most; i++) {
        const struct study_recorded_series *series = &recording->series[i];

        if (series->vertex == first->vertex && series->metric == first->metric) {
            all[count++] = series;
        }
    }
    return count;
}

/* At instant `i`: the sum of the rates since the instant before, or the mean of anything else. */
static double value_at(const struct study_recorded_series **all, uint32_t count, uint32_t i)
{
    double sum = 0;

    for (uint32_t s = 0; s < count; s++) {
        const double *values = all[s]->values;
        const double *seconds = all[s]->seconds;

        sum += is_counter(all[s]->metric)
                   ? (values[i] - values[i - 1]) / (seconds[i] - seconds[i - 1])
                   : values[i] / count;
    }
    return sum;
}

/* Over the instants from the warm-up on that all subtasks have; counters begin one later. */
static void summarise(const struct study_recorded_series **all, uint32_t count, double from,
                      struct sim_tally *tally)
{
    uint32_t instants = UINT32_MAX;

    for (uint32_t s = 0; s < count; s++) {
        instants = all[s]->count < instants ? all[s]->count : instants;
    }
    for (uint32_t i = is_counter(all[0]->metric) ? 1 : 0; i < instants; i++) {
        if (all[0]->seconds[i - (is_counter(all[0]->metric) ? 1 : 0)] >= from) {
            sim_tally_add(tally, value_at(all, count, i));
        }
    }
}

/* The name in summary.csv; NULL for what cannot be told from samples. */
static const char *name_of(struct study_recording *recording, const char *metric)
{
    char name[STUDY_RECORDING_MAX_NAME + 8];

    if (strcmp(metric, "latencyMs.mean") == 0) {
        return study_recording_name(recording->index, "latencyMs");
    }
    if (strncmp(metric, "latencyMs", 9) == 0) {
        return NULL;
    }
    snprintf(name, sizeof name, "%s%s", metric, is_counter(metric) ? ".rate" : "");
    return study_recording_name(recording->index, name);
}

void study_recording_summarise(struct study_recording *recording, double warmup_s)
{
    const struct study_recorded_series **all =
        sim_alloc(recording->series_count + 1, sizeof(struct study_recorded_series *));

    recording->rows =
        sim_realloc(recording->rows, recording->row_count + recording->series_count + 1,
                    sizeof *recording->rows);
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct study_recorded_series *series = &recording->series[i];
        const char *name = series->subtask == 0 ? name_of(recording, series->metric) : NULL;
        struct sim_tally tally = {0};

        if (name == NULL) {
            continue;
        }
        summarise(all, gather(recording, series, all, (uint32_t)recording->series_count), warmup_s,
                  &tally);
        if (tally.n > 0) {
            recording->rows[recording->row_count++] =
                (struct study_recorded_row){.vertex = series->vertex,
                                            .metric = name,
                                            .is_all = true,
                                            .n = tally.n,
                                            .mean = tally.mean,
                                            .sd = sim_tally_sd(&tally),
                                            .min = tally.min,
                                            .max = tally.max};
        }
    }
    free(all);
}
