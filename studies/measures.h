#ifndef STUDIES_MEASURES_H
#define STUDIES_MEASURES_H
/*
 * What a configuration is judged by: numbers of which every run gives one each, so that they can be
 * averaged over replications and compared between configurations.
 *
 * Names are those of summary.csv where it has them. All values are exact (totals and integrals over
 * the window, or quantiles of all its records), none is from samples.
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/spec.h"
#include "sim/arena.h"
#include "sim/text.h"
#include "studies/run.h"

enum study_unit {
    STUDY_UNIT_RATE,    /* records per second */
    STUDY_UNIT_SHARE,   /* between 0 and 1 */
    STUDY_UNIT_MS,      /* milliseconds */
    STUDY_UNIT_BUFFERS, /* a count */
    STUDY_UNIT_BYTES,
    STUDY_UNIT_MESSAGES, /* network messages per second */
};

/* What a measure is taken from. */
enum study_measure_kind {
    STUDY_MEASURE_RECORDS_IN,
    STUDY_MEASURE_RECORDS_OUT,
    STUDY_MEASURE_MESSAGES,
    STUDY_MEASURE_FILL,
    STUDY_MEASURE_LATENCY,
    STUDY_MEASURE_LATENCY_P50,
    STUDY_MEASURE_LATENCY_P95,
    STUDY_MEASURE_LATENCY_P99,
    STUDY_MEASURE_LATENCY_P999,
    STUDY_MEASURE_BUSY,
    STUDY_MEASURE_BUSY_MAX,
    STUDY_MEASURE_BACK_PRESSURED,
    STUDY_MEASURE_OUT_USAGE,
    STUDY_MEASURE_IN_USAGE,
    STUDY_MEASURE_QUOTA,
    STUDY_MEASURE_CHANNEL_LIMIT,
    STUDY_MEASURE_GLOBAL_POOL,
    STUDY_MEASURE_CREDIT,
    STUDY_MEASURE_LINK,
    STUDY_MEASURE_ALLOTTED,
    STUDY_MEASURE_USED,
    STUDY_MEASURE_MEMORY, /* of the job, as those below */
    STUDY_MEASURE_ALL_ALLOTTED,
    STUDY_MEASURE_ALL_USED,
    STUDY_MEASURE_MEMORY_USED,
    STUDY_MEASURE_CHECKPOINT,
    STUDY_MEASURE_END, /* of a run that something may end before its time */
};

struct study_measure {
    enum study_measure_kind kind;
    uint32_t index;     /* of the vertex */
    const char *vertex; /* NULL: of the job */
    const char *metric;
    const char *what; /* in words */
    enum study_unit unit;
    bool is_headline; /* a sink's throughput and 99th percentile, the end: what is asked first */
};

struct study_measures {
    const struct study_measure *list;
    uint32_t count;
};

/* The measures of a job; `spec` must outlive them. The 95th and 99.9th percentiles are among them
 * where a threshold names them. */
void study_measures_make(struct study_measures *measures, const struct net_spec *spec,
                         struct sim_arena *arena);

/*
 * Read them all from a run of the same job that is over. NAN where there is none: no record
 * arrived, no checkpoint was complete, the run took all of its time, or too few records for that
 * quantile (study_quantile_needs()).
 */
void study_measures_read(const struct study_measures *measures, const struct study_run *run,
                         double *values);

/* The index of "VERTEX.METRIC", or of "METRIC" of the job; -1 when there is none. */
int64_t study_measures_find(const struct study_measures *measures, const char *name);

/* Append what to say of a name that is none: which ones may be meant, or what names are like. */
void study_measures_suggest(const struct study_measures *measures, const char *name,
                            struct sim_text *text);

/* "VERTEX.METRIC" or "METRIC"; returns the length as snprintf(). */
int study_measure_name(const struct study_measure *measure, char *buffer, size_t size);

/* "records/s", "ms", ... and as a part of a key: "per_s", "ms", "share", "buffers", "bytes". */
const char *study_unit_name(enum study_unit unit);
const char *study_unit_key(enum study_unit unit);

/* Whether no edge leaves the vertex. */
bool study_is_sink(const struct net_spec *spec, uint32_t vertex);

/* How many records the quantile q needs: ten beyond it. With fewer it is an accident. */
uint64_t study_quantile_needs(double q);

#endif
